export { FocusCellError } from './focus-cells.js';
export type { DayOrder } from './focus-cells.js';
export { focusHeader, providerSlug } from './focus-row.js';
export type { FocusHeader, FocusOptions, FocusReader } from './focus-row.js';
