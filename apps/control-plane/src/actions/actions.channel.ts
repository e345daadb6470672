/** NOTIFY channel; the payload is the id of the agent that has something to be offered or cancelled. */
export const ACTIONS_CHANNEL = 'flotilla_actions';
