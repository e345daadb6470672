export { digestOf } from './digest.js';
export type { Digest, DigestPart } from './digest.js';
export { cut, NOTICE_SEVERITIES, oneLine, printable, wordedBy } from './message.js';
export type { Message, MessageKind, NoticeSeverity, Telling } from './message.js';
export { GIVE_UP_AFTER_MS, pace, retryAfterMs, retryWaitMs, verdictOfStatus } from './sending.js';
export type { Pace } from './sending.js';
export { fillTemplate, TEMPLATE_NAMES, templateIssue } from './template.js';
export type { Template } from './template.js';
