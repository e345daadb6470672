import { dictionary } from '@zxcvbn-ts/language-common';

/**
 * About 49,000 leaked passwords, the most frequent first; 18,000 of them have the eight characters that a password needs,
 * so the 3,000 most common ones that could be chosen here are among them. The list leaves out what a program finds by
 * itself: repetitions, sequences and dates. `isPattern` stands for those.
 */
const LEAKED: ReadonlySet<string> = new Set(dictionary['passwords-common']);

/** What people make of the name of what they log in to, and of a server's defaults. */
const OWN: ReadonlySet<string> = new Set(
  'flotilla gpufleet gpugpugpu gpuserver nvidia nvidiagpu p@ssword admin root toor default secret changeme'.split(' '),
);

const SEASONS =
  'spring|summer|autumn|fall|winter|january|february|march|april|may|june|july|august|september|october|november|december';
/** What is hung on a word to satisfy a rule: a year, the first digits, an exclamation mark. */
const TAIL = /(?:(?:19|20)\d\d|1|12|123|1234|12345)?[!.]?$/;

/** Whether a password is among the first that are guessed. @param lower in lower case */
export function isCommon(lower: string): boolean {
  const stem = lower.replace(TAIL, '');
  return LEAKED.has(lower) || isPattern(lower) || (stem.length >= 4 && (LEAKED.has(stem) || OWN.has(stem)));
}

function isPattern(lower: string): boolean {
  return (
    new Set(lower).size < 4 ||
    /^(.{1,12})\1+$/.test(lower) || // adminadmin, 12341234
    /^\d{1,10}$/.test(lower) || // dates, telephone numbers
    new RegExp(`^(?:${SEASONS})[-_.]?(?:19|20)?\\d\\d[!.]?$`).test(lower) ||
    isSequence(lower)
  );
}

/** abcdefgh, 87654321 */
function isSequence(text: string): boolean {
  const steps = new Set([...text].slice(1).map((letter, i) => letter.charCodeAt(0) - text.charCodeAt(i)));
  return steps.size === 1 && (steps.has(1) || steps.has(-1));
}
