/**
 * What a host says about itself, made fit to be stored and shown: no control characters (they could colour a terminal
 * or forge a line of a log), at most `max` characters; null when nothing is left.
 */
export function cleanText(text: string, max: number): string | null {
  // eslint-disable-next-line no-control-regex -- control characters are what this removes
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '').trim();
  // half of a surrogate pair is no text, and PostgreSQL refuses it
  return clean ? clean.slice(0, max).replace(/[\ud800-\udbff]$/, '') : null;
}
