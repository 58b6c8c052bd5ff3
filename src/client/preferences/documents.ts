// What the preferences send. The tests check each against the schema.

const SWITCHES = "switches { channelType enabled effective conditional changeable }";
const GRID = `workflows { key name description required ${SWITCHES} } categories { name ${SWITCHES} }`;

/** The grid of a settings page. */
export const READ = `query Preferences($tenant: ID) { viewer { preferences(tenant: $tenant) { ${GRID} } } }`;

/** One row of it. */
export const SET = `mutation SetPreferences($input: MyPreferencesInput!) { answer: setMyPreferences(input: $input) {
  ... on SetMyPreferencesSuccess { preferences { ${GRID} } }
  ... on Error { message } ... on InvalidInputError { issues { path message code } } } }`;
