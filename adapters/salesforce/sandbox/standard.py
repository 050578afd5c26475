"""The standard objects as a fresh org describes them to a plain user (NOTES 33-35).

A line is a field: name, type, then its length (or `precision,scale`) and remarks. `ro`: read-only. `req`: must be
given. `hid`: no field-level security by default. `>X/Y`: refers to X or Y. `rel=N`: the lookup's name. `=a|b`: picklist
values, `strict` when no others are taken. `nofilter`: cannot be filtered or sorted by.
"""

from __future__ import annotations

from collections.abc import Mapping

_SYSTEM = """
Id id 18 ro
IsDeleted boolean ro
CreatedDate datetime ro
CreatedById reference ro >User rel=CreatedBy
LastModifiedDate datetime ro
LastModifiedById reference ro >User rel=LastModifiedBy
SystemModstamp datetime ro
"""

_VIEWED = """
LastActivityDate date ro
LastViewedDate datetime ro
LastReferencedDate datetime ro
"""

_CLEAN = """
PhotoUrl url 255 ro
Jigsaw string 20
JigsawContactId string 20 ro
CleanStatus picklist 40 =Pending strict
EmailBouncedReason string 255
EmailBouncedDate datetime
IndividualId reference >Individual rel=Individual
"""

_PLACE = """
{0}Street textarea 255
{0}City string 40
{0}State string 80
{0}PostalCode string 20
{0}Country string 80
{0}Latitude double 18,15
{0}Longitude double 18,15
{0}GeocodeAccuracy picklist 40 =Address|NearAddress|Block|Street|Zip|City|State|Unknown strict
{0}Address address ro nofilter
"""

_PERSON = """
LastName string 80 req
FirstName string 40
Salutation picklist 40 =Mr.|Ms.|Mrs.|Dr.|Prof.
Name string 121 ro
Title string 128
Phone phone 40
MobilePhone phone 40
Fax phone 40
Email email 80
Description textarea 32000 nofilter
LeadSource picklist 255 =Web|Phone Inquiry|Partner Referral|Purchased List|Other
OwnerId reference >{owner} rel=Owner
MasterRecordId reference ro >{self} rel=MasterRecord
HasOptedOutOfEmail boolean hid
HasOptedOutOfFax boolean hid
DoNotCall boolean hid
"""

_INDUSTRY = "Industry picklist 255 =Agriculture|Banking|Construction|Education|Manufacturing|Retail|Technology|Other"

_ACTIVITY = """
WhoId reference >Contact/Lead rel=Who
WhatId reference >Account/Opportunity/Campaign rel=What
Subject combobox 255
ActivityDate date
Description textarea 32000 nofilter
AccountId reference ro >Account rel=Account
OwnerId reference >User rel=Owner
IsArchived boolean ro
"""

_LEAD = f"""
{_SYSTEM}{_PERSON.format(owner="Group/User", self="Lead")}{_PLACE.format("")}{_VIEWED}{_CLEAN}{_INDUSTRY}
Company string 255 req
Website url 255
Status picklist 255 =Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted req
Rating picklist 255 =Hot|Warm|Cold
AnnualRevenue currency 18,0
NumberOfEmployees int 8
IsConverted boolean ro
ConvertedDate date ro
ConvertedAccountId reference ro >Account rel=ConvertedAccount
ConvertedContactId reference ro >Contact rel=ConvertedContact
ConvertedOpportunityId reference ro >Opportunity rel=ConvertedOpportunity
IsUnreadByOwner boolean
CompanyDunsNumber string 9
DandbCompanyId reference >DandBCompany rel=DandbCompany
"""

_CONTACT = f"""
{_SYSTEM}{_PERSON.format(owner="User", self="Contact")}{_VIEWED}{_CLEAN}
{_PLACE.format("Other")}{_PLACE.format("Mailing")}
AccountId reference >Account rel=Account
HomePhone phone 40
OtherPhone phone 40
AssistantPhone phone 40
ReportsToId reference >Contact rel=ReportsTo
Department string 80
AssistantName string 40
Birthdate date
LastCURequestDate datetime ro
LastCUUpdateDate datetime ro
IsEmailBounced boolean ro
"""

_ACCOUNT = f"""
{_SYSTEM}{_PLACE.format("Billing")}{_VIEWED}{_INDUSTRY}
Name string 255 req
Type picklist 255 =Prospect|Customer - Direct|Customer - Channel|Partner|Other
ParentId reference >Account rel=Parent
Phone phone 40
Website url 255
AccountSource picklist 255 =Web|Phone Inquiry|Partner Referral|Purchased List|Other
AnnualRevenue currency 18,0
NumberOfEmployees int 8
Description textarea 32000 nofilter
OwnerId reference >User rel=Owner
MasterRecordId reference ro >Account rel=MasterRecord
"""

_TASK = f"""
{_SYSTEM}{_ACTIVITY}
Status picklist 255 =Not Started|In Progress|Completed|Waiting on someone else|Deferred req
Priority picklist 255 =High|Normal|Low req
IsHighPriority boolean ro
IsClosed boolean ro
Type picklist 40 =Call|Email|Meeting|Other
TaskSubtype picklist 40 =Task|Email|List Email|Call|LinkedIn|Cadence strict
CompletedDateTime datetime ro
CallDurationInSeconds int 8
CallType picklist 40 =Internal|Inbound|Outbound strict
CallDisposition string 255
"""

_EVENT = f"""
{_SYSTEM}{_ACTIVITY}
Location string 255
IsAllDayEvent boolean
ActivityDateTime datetime
DurationInMinutes int 8
StartDateTime datetime
EndDateTime datetime
EndDate date ro
Type picklist 40 =Email|Meeting|Other|Call
IsPrivate boolean
ShowAs picklist 40 =Busy|OutOfOffice|Free strict
IsChild boolean ro
IsGroupEvent boolean ro
GroupEventType picklist 40 =0|1|2|3 strict
EventSubtype picklist 40 =Event strict
IsReminderSet boolean
"""

_CAMPAIGN = f"""
{_SYSTEM}
Name string 80 req
ParentId reference >Campaign rel=Parent
Type picklist 40 =Conference|Webinar|Trade Show|Advertisement|Email|Referral Program|Partners|Other
Status picklist 40 =Planned|In Progress|Completed|Aborted
StartDate date
EndDate date
ExpectedRevenue currency 18,0
BudgetedCost currency 18,0
ActualCost currency 18,0
NumberSent double 18,0
IsActive boolean
Description textarea 32000 nofilter
OwnerId reference >User rel=Owner
"""

_MEMBER = f"""
{_SYSTEM}
CampaignId reference req >Campaign rel=Campaign
LeadId reference >Lead rel=Lead
ContactId reference >Contact rel=Contact
Status picklist 40 =Sent|Responded
HasResponded boolean ro
FirstRespondedDate date ro
"""

_MAIL = f"""
{_SYSTEM}
ParentId reference >Case rel=Parent
ActivityId reference ro >Task rel=Activity
Subject string 3000
TextBody textarea 131072 nofilter
FromName string 1000
FromAddress email 1000
ToAddress string 4000
Incoming boolean
Status picklist 40 =0|1|2|3|4|5|6 strict
MessageDate datetime
RelatedToId reference >Account/Opportunity/Campaign rel=RelatedTo
IsTracked boolean ro
FirstOpenedDate datetime ro
LastOpenedDate datetime ro
IsBounced boolean ro
IsOpened boolean ro
"""

_RELATION = f"""
{_SYSTEM}
EmailMessageId reference req >EmailMessage rel=EmailMessage
RelationId reference >Contact/Lead/User rel=Relation
RelationType picklist 40 =ToAddress|CcAddress|BccAddress|FromAddress|OtherAddress strict
RelationObjectType string 255 ro
RelationAddress email 255
"""

_DEAL = f"""
{_SYSTEM}
AccountId reference >Account rel=Account
Name string 120 req
Description textarea 32000 nofilter
StageName picklist 255 =Prospecting|Qualification|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost req
Amount currency 18,2
Probability percent 3,0
CloseDate date req
Type picklist 255 =Existing Customer - Upgrade|New Customer
NextStep string 255
LeadSource picklist 255 =Web|Phone Inquiry|Partner Referral|Purchased List|Other
IsClosed boolean ro
IsWon boolean ro
CampaignId reference >Campaign rel=Campaign
ContactId reference >Contact rel=Contact
OwnerId reference >User rel=Owner
LastActivityDate date ro
"""

_ROLE = f"""
{_SYSTEM}
OpportunityId reference req >Opportunity rel=Opportunity
ContactId reference req >Contact rel=Contact
Role picklist 255 =Decision Maker|Economic Buyer|Evaluator|Influencer|Other
IsPrimary boolean
"""

_USER = f"""
{_SYSTEM}
Username string 80 req
LastName string 80 req
FirstName string 40
Name string 121 ro
Email email 128 req
IsActive boolean
UserType picklist 40 =Standard strict
ProfileId reference >Profile rel=Profile
TimeZoneSidKey picklist 40 =Asia/Tokyo
LanguageLocaleKey picklist 40 =ja|en_US
"""

_ORGANIZATION = f"""
{_SYSTEM}
Name string 80
InstanceName string 5 ro
IsSandbox boolean ro
OrganizationType picklist 40 ro =Enterprise Edition
TrialExpirationDate datetime ro
NamespacePrefix string 15 ro
LanguageLocaleKey picklist 40 =ja|en_US
TimeZoneSidKey picklist 40 =Asia/Tokyo
"""

_GROUP = f"{_SYSTEM}\nName string 40 req\nDeveloperName string 80\nType picklist 40 =Regular|Queue strict"
_SET = f"{_SYSTEM}\nName string 80 req\nLabel string 80 req\nDescription string 255\nIsOwnedByProfile boolean ro"
_ASSIGNMENT = """
Id id 18 ro
IsDeleted boolean ro
AssigneeId reference req >User rel=Assignee
PermissionSetId reference req >PermissionSet rel=PermissionSet
SystemModstamp datetime ro
"""
_GRANT = """
Id id 18 ro
IsDeleted boolean ro
ParentId reference req >PermissionSet rel=Parent
SobjectType picklist 40 req
Field picklist 255 req
PermissionsRead boolean
PermissionsEdit boolean
SystemModstamp datetime ro
"""
_OBJECT_GRANT = """
Id id 18 ro
IsDeleted boolean ro
ParentId reference req >PermissionSet rel=Parent
SobjectType picklist 40 req
PermissionsRead boolean
PermissionsCreate boolean
PermissionsEdit boolean
PermissionsDelete boolean
PermissionsViewAllRecords boolean
PermissionsModifyAllRecords boolean
SystemModstamp datetime ro
"""
CUSTOM_BASE = f"{_SYSTEM}\nName string 80\nOwnerId reference >Group/User rel=Owner"

TABLES: Mapping[str, str] = {
    "Lead": _LEAD, "Contact": _CONTACT, "Account": _ACCOUNT, "Task": _TASK, "Event": _EVENT, "Campaign": _CAMPAIGN,
    "CampaignMember": _MEMBER, "EmailMessage": _MAIL, "EmailMessageRelation": _RELATION, "Opportunity": _DEAL,
    "OpportunityContactRole": _ROLE, "User": _USER, "Organization": _ORGANIZATION, "Group": _GROUP,
    "PermissionSet": _SET, "PermissionSetAssignment": _ASSIGNMENT, "FieldPermissions": _GRANT,
    "ObjectPermissions": _OBJECT_GRANT,
}  # fmt: skip

WEB_ACTIVITY: Mapping[str, Mapping[str, object]] = {
    "Lead__c": {"type": "Lookup", "label": "Lead", "referenceTo": "Lead"},
    "Contact__c": {"type": "Lookup", "label": "Contact", "referenceTo": "Contact"},
    "Occurred_At__c": {"type": "DateTime", "label": "Occurred at"},
    "Delivered_At__c": {"type": "DateTime", "label": "Delivered at"},
    "Kind__c": {
        "type": "Picklist",
        "label": "Kind",
        "values": [
            "page_view", "download", "form_submission", "demo_request", "email_delivered", "email_open", "email_click",
            "seminar",
        ],
    },
    "Url__c": {"type": "Url", "label": "URL"},
    "Path__c": {"type": "Text", "label": "Path", "length": 255},
    "Name__c": {"type": "Text", "label": "Name", "length": 255},
}  # fmt: skip
