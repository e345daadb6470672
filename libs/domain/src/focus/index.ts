export { FocusCellError } from './focus-cells.js';
export type { DayOrder } from './focus-cells.js';
export { FOCUS_AMOUNTS, FOCUS_COLUMNS, FOCUS_QUANTITIES, FOCUS_TEXTS, FOCUS_TIMES } from './focus-columns.js';
export { focusHeader, providerSlug } from './focus-row.js';
export type { FocusHeader, FocusOptions, FocusReader } from './focus-row.js';
