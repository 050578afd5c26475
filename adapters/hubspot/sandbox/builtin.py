"""HubSpot's own properties, those that Leadheat's adapter, its mappings and its neighbours ask for (NOTES 80).

One line each: name | label | type | group | marks. The type `text area` and the like are `type fieldType`. Marks:
`ro` HubSpot writes it and nobody else, `calc` it is calculated, `hidden`; or `=` and the options.
"""

# ruff: noqa: E501 - a line per property

from __future__ import annotations

CONTACTS = """
email | Email | string | contactinformation |
hs_additional_emails | Additional email addresses | string | contactinformation | ro
firstname | First Name | string | contactinformation |
lastname | Last Name | string | contactinformation |
company | Company Name | string | contactinformation |
jobtitle | Job Title | string | contactinformation |
job_function | Job function | string | contactinformation |
phone | Phone Number | phone_number phonenumber | contactinformation |
mobilephone | Mobile Phone Number | phone_number phonenumber | contactinformation |
website | Website URL | string | contactinformation |
industry | Industry | string | contactinformation |
numemployees | Number of Employees | string | contactinformation |
country | Country/Region | string | contactinformation |
state | State/Region | string | contactinformation |
city | City | string | contactinformation |
address | Street Address | string | contactinformation |
zip | Postal Code | string | contactinformation |
message | Message | string textarea | contactinformation |
notes | Notes | string textarea | contactinformation |
lifecyclestage | Lifecycle Stage | enumeration radio | contactinformation | =lifecycle
hs_lead_status | Lead Status | enumeration radio | sales_properties | =NEW,OPEN,IN_PROGRESS,OPEN_DEAL,UNQUALIFIED,ATTEMPTED_TO_CONTACT,CONNECTED,BAD_TIMING
hubspot_owner_id | Contact owner | enumeration select | sales_properties | owners
hubspot_owner_assigneddate | Owner Assigned Date | datetime | sales_properties | ro
associatedcompanyid | Primary Associated Company ID | number | contactinformation | ro
createdate | Create Date | datetime | contactinformation |
lastmodifieddate | Last Modified Date | datetime | contactinformation | ro
hs_lastmodifieddate | Object last modified date/time | datetime | contactinformation | ro hidden
hs_object_id | Record ID | number | contactinformation | ro
hs_object_source | Record creation source | string | contactinformation | ro hidden
hs_object_source_id | Record creation source ID | string | contactinformation | ro hidden
hs_object_source_label | Record source | enumeration select | contactinformation | ro =sources
hs_merged_object_ids | Merged Contact IDs | enumeration checkbox | contactinformation | ro hidden
hs_calculated_merged_vids | Merged vids with timestamps of a contact | enumeration checkbox | contactinformation | ro hidden
hs_calculated_form_submissions | All form submissions for a contact | enumeration checkbox | conversioninformation | ro hidden
hs_email_domain | Email Domain | string | contactinformation | ro calc
hs_analytics_source | Original Traffic Source | enumeration select | analyticsinformation | ro =traffic
hs_analytics_source_data_1 | Original Traffic Source Drill-Down 1 | string | analyticsinformation | ro
hs_analytics_source_data_2 | Original Traffic Source Drill-Down 2 | string | analyticsinformation | ro
hs_latest_source | Latest Traffic Source | enumeration select | analyticsinformation | ro =traffic
hs_latest_source_data_1 | Latest Traffic Source Drill-Down 1 | string | analyticsinformation | ro
hs_latest_source_data_2 | Latest Traffic Source Drill-Down 2 | string | analyticsinformation | ro
hs_latest_source_timestamp | Latest Traffic Source Date | datetime | analyticsinformation | ro
hs_analytics_first_touch_converting_campaign | First Touch Converting Campaign | string | analyticsinformation | ro
hs_analytics_last_touch_converting_campaign | Last Touch Converting Campaign | string | analyticsinformation | ro
hs_analytics_num_page_views | Number of Pageviews | number | analyticsinformation | ro
hs_analytics_num_visits | Number of Sessions | number | analyticsinformation | ro
hs_analytics_average_page_views | Average Pageviews | number | analyticsinformation | ro
hs_analytics_num_event_completions | Number of event completions | number | analyticsinformation | ro
hs_analytics_first_url | First Page Seen | string | analyticsinformation | ro
hs_analytics_last_url | Last Page Seen | string | analyticsinformation | ro
hs_analytics_first_timestamp | Time First Seen | datetime | analyticsinformation | ro
hs_analytics_last_timestamp | Time Last Seen | datetime | analyticsinformation | ro
hs_analytics_first_visit_timestamp | Time of First Session | datetime | analyticsinformation | ro
hs_analytics_last_visit_timestamp | Time of Last Session | datetime | analyticsinformation | ro
first_conversion_date | First Conversion Date | datetime | conversioninformation | ro
first_conversion_event_name | First Conversion | string | conversioninformation | ro
recent_conversion_date | Recent Conversion Date | datetime | conversioninformation | ro
recent_conversion_event_name | Recent Conversion | string | conversioninformation | ro
num_conversion_events | Number of Form Submissions | number | conversioninformation | ro
num_unique_conversion_events | Number of Unique Forms Submitted | number | conversioninformation | ro
hs_email_optout | Unsubscribed from all email | bool | emailinformation |
hs_email_delivered | Marketing emails delivered | number | emailinformation | ro
hs_email_open | Marketing emails opened | number | emailinformation | ro
hs_email_click | Marketing emails clicked | number | emailinformation | ro
hs_email_bounce | Marketing emails bounced | number | emailinformation | ro
hs_email_replied | Marketing emails replied | number | emailinformation | ro
hs_email_first_send_date | First marketing email send date | datetime | emailinformation | ro
hs_email_last_send_date | Last marketing email send date | datetime | emailinformation | ro
hs_email_last_open_date | Last marketing email open date | datetime | emailinformation | ro
hs_email_last_click_date | Last marketing email click date | datetime | emailinformation | ro
hs_email_last_email_name | Last marketing email name | string | emailinformation | ro
hs_email_sends_since_last_engagement | Sends Since Last Engagement | number | emailinformation | ro
hs_sales_email_last_opened | Recent Sales Email Opened Date | datetime | sales_properties | ro
hs_sales_email_last_clicked | Recent Sales Email Clicked Date | datetime | sales_properties | ro
hs_sales_email_last_replied | Recent Sales Email Replied Date | datetime | sales_properties | ro
hs_last_sales_activity_timestamp | Last Engagement Date | datetime | sales_properties | ro
hs_latest_meeting_activity | Latest meeting activity | datetime | sales_properties | ro
engagements_last_meeting_booked | Date of last meeting booked in meetings tool | datetime | sales_properties | ro
notes_last_contacted | Last Contacted | datetime | sales_properties | ro
notes_last_updated | Last Activity Date | datetime | sales_properties | ro
notes_next_activity_date | Next Activity Date | datetime | sales_properties | ro
num_notes | Number of Sales Activities | number | sales_properties | ro
num_contacted_notes | Number of times contacted | number | sales_properties | ro
num_associated_deals | Number of Associated Deals | number | dealinformation | ro
first_deal_created_date | First Deal Created Date | datetime | dealinformation | ro
recent_deal_amount | Recent Deal Amount | number | dealinformation | ro
recent_deal_close_date | Recent Deal Close Date | datetime | dealinformation | ro
total_revenue | Total Revenue | number | dealinformation | ro
"""

OWN = """
hs_object_id | Record ID | number | {group} | ro
{created} | Create date | datetime | {group} | {mark}
hs_lastmodifieddate | Last modified date | datetime | {group} | ro
hubspot_owner_id | Owner | enumeration select | {group} | owners
hs_merged_object_ids | Merged record IDs | enumeration checkbox | {group} | ro hidden
hs_object_source_label | Record source | enumeration select | {group} | ro =sources
"""

COMPANIES = """
name | Company name | string | companyinformation |
domain | Company Domain Name | string | companyinformation |
industry | Industry | enumeration select | companyinformation | =industries
numberofemployees | Number of Employees | number | companyinformation |
annualrevenue | Annual Revenue | number | companyinformation |
country | Country/Region | string | companyinformation |
state | State/Region | string | companyinformation |
city | City | string | companyinformation |
phone | Phone Number | phone_number phonenumber | companyinformation |
website | Website URL | string | companyinformation |
description | Description | string textarea | companyinformation |
lifecyclestage | Lifecycle Stage | enumeration radio | companyinformation | =lifecycle
num_associated_contacts | Number of Associated Contacts | number | companyinformation | ro
"""

DEALS = """
dealname | Deal Name | string | dealinformation |
pipeline | Pipeline | enumeration select | dealinformation | pipelines
dealstage | Deal Stage | enumeration radio | dealinformation | stages
amount | Amount | number | dealinformation |
closedate | Close Date | datetime | dealinformation |
closed_lost_reason | Closed Lost Reason | string textarea | dealinformation |
closed_won_reason | Closed Won Reason | string textarea | dealinformation |
dealtype | Deal Type | enumeration radio | dealinformation | =newbusiness,existingbusiness
description | Deal Description | string textarea | dealinformation |
hs_is_closed | Is Deal Closed? | bool | dealinformation | ro calc
hs_is_closed_won | Is Closed Won | bool | dealinformation | ro calc
hs_is_closed_lost | Is Closed Lost | bool | dealinformation | ro calc
num_associated_contacts | Number of Associated Contacts | number | dealinformation | ro
"""

ACTIVITY = """
hs_timestamp | Activity date | datetime | engagement |
hs_activity_type | Activity type | string | engagement |
"""
CALLS = """
hs_call_title | Call Title | string | call |
hs_call_body | Call notes | string html | call |
hs_call_direction | Call direction | enumeration select | call | =INBOUND,OUTBOUND
hs_call_disposition | Call outcome | string | call |
hs_call_duration | Call duration | number | call |
hs_call_status | Call status | enumeration select | call | =BUSY,CALLING_CRM_USER,CANCELED,COMPLETED,CONNECTING,FAILED,IN_PROGRESS,NO_ANSWER,QUEUED,RINGING
"""
MEETINGS = """
hs_meeting_title | Meeting Name | string | meeting |
hs_meeting_body | Meeting description | string html | meeting |
hs_meeting_outcome | Meeting outcome | enumeration select | meeting | =SCHEDULED,COMPLETED,RESCHEDULED,NO_SHOW,CANCELED
hs_meeting_start_time | Meeting start time | datetime | meeting |
hs_meeting_end_time | Meeting end time | datetime | meeting |
"""
EMAILS = """
hs_email_subject | Email subject | string | email |
hs_email_text | Email body | string textarea | email |
hs_email_html | Email HTML body | string html | email |
hs_email_direction | Email direction | enumeration select | email | =EMAIL,INCOMING_EMAIL,FORWARDED_EMAIL
hs_email_status | Email send status | enumeration select | email | =BOUNCED,FAILED,SCHEDULED,SENDING,SENT
"""
NOTES = """
hs_note_body | Note body | string html | note |
"""
TASKS = """
hs_task_subject | Task Title | string | task |
hs_task_body | Notes | string html | task |
hs_task_status | Task Status | enumeration select | task | =COMPLETED,DEFERRED,IN_PROGRESS,NOT_STARTED,WAITING
hs_task_type | Task Type | enumeration select | task | =CALL,EMAIL,LINKED_IN,MEETING,TODO
hs_task_priority | Priority | enumeration select | task | =LOW,MEDIUM,HIGH
hs_task_completion_date | Completed at | datetime | task | ro
"""
TICKETS = """
subject | Ticket name | string | ticketinformation |
content | Ticket description | string textarea | ticketinformation |
hs_pipeline_stage | Ticket status | string | ticketinformation |
"""
PRODUCTS = """
name | Name | string | productinformation |
price | Unit price | number | productinformation |
"""
LINE_ITEMS = """
name | Name | string | lineiteminformation |
quantity | Quantity | number | lineiteminformation |
price | Unit price | number | lineiteminformation |
"""
DEAL_SPLITS = """
hs_deal_split_amount | Split amount | number | deal_split_information | ro
hs_deal_split_percentage | Split percentage | number | deal_split_information | ro
"""
FEEDBACK = """
hs_survey_name | Survey Name | string | feedback_submission_information | ro
hs_value | Rating | number | feedback_submission_information | ro
"""
GOALS = """
hs_goal_name | Goal name | string | goal_target_information |
hs_target_amount | Target amount | number | goal_target_information |
"""
QUOTES = """
hs_title | Quote Title | string | quoteinformation |
hs_expiration_date | Expiration Date | datetime | quoteinformation |
"""
COMMUNICATIONS = """
hs_communication_body | Communication body | string html | communication |
hs_communication_channel_type | Channel type | enumeration select | communication | =CUSTOM_CHANNEL_CONVERSATION,LINKEDIN_MESSAGE,SMS,WHATS_APP
"""
POSTAL_MAIL = """
hs_postal_mail_body | Postal mail body | string html | postal_mail |
"""
LEADS = """
hs_lead_name | Lead Name | string | leadinformation |
hs_lead_label | Lead Label | string | leadinformation |
"""

TABLES = {
    "contacts": CONTACTS, "companies": COMPANIES, "deals": DEALS, "calls": ACTIVITY + CALLS,
    "meetings": ACTIVITY + MEETINGS, "emails": ACTIVITY + EMAILS, "notes": ACTIVITY + NOTES, "tasks": ACTIVITY + TASKS,
    "tickets": TICKETS, "products": PRODUCTS, "line_items": LINE_ITEMS, "leads": LEADS,
    "deal_splits": DEAL_SPLITS, "feedback_submissions": FEEDBACK, "goal_targets": GOALS, "quotes": QUOTES,
    "forms": "", "communications": ACTIVITY + COMMUNICATIONS, "postal_mail": ACTIVITY + POSTAL_MAIL,
}  # fmt: skip

OPTION_SETS = {
    "lifecycle": (
        "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist",
        "other",
    ),
    "traffic": (
        "ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", "SOCIAL_MEDIA", "REFERRALS", "OTHER_CAMPAIGNS",
        "DIRECT_TRAFFIC", "OFFLINE", "PAID_SOCIAL",
    ),
    "sources": ("CRM_UI", "FORMS", "IMPORT", "INTEGRATION", "MEETINGS", "ANALYTICS"),
    "industries": (
        "COMPUTER_SOFTWARE", "INFORMATION_TECHNOLOGY_AND_SERVICES", "MACHINERY", "WHOLESALE", "RETAIL", "BANKING",
        "INSURANCE", "CONSTRUCTION", "REAL_ESTATE", "TRANSPORTATION_TRUCKING_RAILROAD", "HOSPITAL_HEALTH_CARE",
        "EDUCATION_MANAGEMENT", "MANAGEMENT_CONSULTING",
    ),
}  # fmt: skip
