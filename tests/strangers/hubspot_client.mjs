// HubSpot's own Node client, as its documentation shows it, against the account whose address and token it is given.
// Each deed's answer, or the error's status, stands under its name in the JSON it prints.
import { Client } from '@hubspot/api-client'

const [basePath, accessToken] = process.argv.slice(2)
const hub = new Client({ accessToken, basePath })
const { contacts, deals, properties, associations, lists, owners, pipelines, schemas } = hub.crm
const told = {}

async function deed(name, does) {
  try {
    told[name] = await does()
  } catch (error) {
    if (error.code === undefined) throw error
    told[name] = { status: error.code, body: error.body }
  }
}

async function pages(get) {
  const found = []
  for (let after; ; ) {
    const page = await get(after)
    found.push(...page.results)
    after = page.paging?.next?.after
    if (!after) return found
  }
}

const GROUP = { name: 'stranger', label: 'Stranger', displayOrder: -1 }
const SCORE = { name: 'node_score', label: 'Score', type: 'number', fieldType: 'number', groupName: 'stranger' }
const filter = (propertyName, operator, value) => ({ propertyName, operator, value })
const above = { operationType: 'NUMBER', operator: 'IS_GREATER_THAN', value: 50, includeObjectsWithNoValueSet: false }
const hot = { filterType: 'PROPERTY', property: 'node_score', operation: above }
const branch = (kind, filters, filterBranches) =>
  ({ filterBranchType: kind, filterBranchOperator: kind, filters, filterBranches })

await deed('all', () => contacts.getAll(100, undefined, ['email']))
const ids = told.all.slice(0, 3).map((contact) => contact.id)
await deed('paged', () => pages((after) => contacts.basicApi.getPage(50, after, ['email'])))
await deed('read', () => contacts.batchApi.read({
  inputs: [...ids, '999999'].map((id) => ({ id })), properties: ['email'], propertiesWithHistory: ['email'],
}))
await deed('found', () => pages((after) => contacts.searchApi.doSearch({
  filterGroups: [{ filters: [filter('lastmodifieddate', 'GTE', '1')] }], sorts: ['hs_object_id'],
  properties: ['email'], limit: 100, after,
})))
await deed('group', () => properties.groupsApi.create('contacts', GROUP))
await deed('defined', () => properties.coreApi.create('contacts', SCORE))
await deed('again', () => properties.coreApi.create('contacts', SCORE))
await deed('definition', () => properties.coreApi.getByName('contacts', 'node_score'))
await deed('definitions', () => properties.coreApi.getAll('contacts'))
const scored = (all) => all.map((id) => ({ id, properties: { node_score: '87' } }))
await deed('updated', () => contacts.batchApi.update({ inputs: scored(ids) }))
await deed('partly', () => contacts.batchApi.update({ inputs: scored([...ids, '999999']) }))
await deed('refused', () => contacts.batchApi.update({ inputs: [{ id: ids[0], properties: { nope: '1' } }] }))
await deed('held', () => contacts.basicApi.getById(ids[0], ['node_score'], ['node_score']))
await deed('deals', () => pages((after) => deals.basicApi.getPage(20, after, [], [], ['contacts'])))
const linked = told.deals.flatMap((deal) => deal.associations?.contacts?.results ?? []).map((to) => ({ id: to.id }))
await deed('links', () => associations.v4.batchApi.getPage('contacts', 'deals', { inputs: linked }))
await deed('links_v3', () => associations.batchApi.read('contacts', 'deals', { inputs: linked }))
await deed('labels', () => associations.v4.schema.definitionsApi.getAll('contacts', 'companies'))
await deed('list', () => lists.listsApi.create({
  name: 'Hot by Node', objectTypeId: '0-1', processingType: 'DYNAMIC',
  filterBranch: branch('OR', [], [branch('AND', [hot], [])]),
}))
await deed('members', () => pages((after) => lists.membershipsApi.getPage(told.list.list.listId, after)))
await deed('lists', () => lists.listsApi.doSearch({ query: 'by node', count: 10, offset: 0, additionalProperties: [] }))
await deed('owners', () => pages((after) => owners.ownersApi.getPage(undefined, after, 2)))
await deed('pipelines', () => pipelines.pipelinesApi.getAll('deals'))
await deed('forms', () => pages((after) => hub.marketing.forms.formsApi.getPage(after, 4)))
await deed('schemas', () => schemas.coreApi.getAll())
await deed('nobody', () => contacts.basicApi.getById('999999'))
await deed('account', async () => (await hub.apiRequest({ path: '/account-info/v3/details' })).json())
console.log(JSON.stringify(told))
