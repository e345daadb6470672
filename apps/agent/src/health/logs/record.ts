/** A line of the kernel log, whoever printed it. */
export interface KernelRecord {
  /** The kernel's own number; null where the format has none. */
  readonly seq: number | null;
  /** Unix milliseconds of the host's clock; null where the line does not tell. */
  readonly atMs: number | null;
  readonly message: string;
}

const KMSG = /^(\d+),(\d+),(\d+),[^;]*;/;
const SYSLOG_LEVEL = /^<\d{1,3}>/;
const DECODED = /^[a-z]+\s*:[a-z]+\s*: /;
const SINCE_BOOT = /^\[\s*(\d+\.\d+)\]\s?/;
const CTIME = /^\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})\]\s?/;
const ISO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})[.,](\d{3})\d*(Z|[+-]\d{2}:?\d{2})\s/;
const OF_KERNEL = /^.{0,120}?\bkernel: /;
/** Longer messages say nothing more to a person. */
const MOST_CHARACTERS = 500;

/**
 * Reads a record of /dev/kmsg, or a line of dmesg (plain, -T, --time-format=iso, --decode) or of a syslog file. Never
 * fails: what has no known prefix is all message.
 *
 * @param bootMs Unix milliseconds of the boot, from which the kernel counts
 */
export function readRecord(line: string, bootMs: number): KernelRecord {
  const kmsg = KMSG.exec(line);
  if (kmsg) {
    const atMs = bootMs + Number(kmsg[3]) / 1000;
    return { seq: Number(kmsg[2]), atMs, message: clean(line.slice(kmsg[0].length)) };
  }
  let rest = line.replace(SYSLOG_LEVEL, '').replace(DECODED, '').replace(OF_KERNEL, '');
  const iso = ISO.exec(rest);
  if (iso) return stamped(rest.slice(iso[0].length), Date.parse(`${iso[1]}.${iso[2]}${iso[3]}`));
  const ctime = CTIME.exec(rest);
  if (ctime) return stamped(rest.slice(ctime[0].length), Date.parse(ctime[1] as string));
  const sinceBoot = SINCE_BOOT.exec(rest);
  if (sinceBoot) {
    rest = rest.slice(sinceBoot[0].length);
    return stamped(rest, bootMs + Number(sinceBoot[1]) * 1000);
  }
  return { seq: null, atMs: null, message: clean(rest) };
}

const stamped = (rest: string, atMs: number): KernelRecord => ({
  seq: null,
  atMs: Number.isFinite(atMs) ? atMs : null,
  message: clean(rest),
});

const clean = (text: string): string => {
  const cut = text.slice(0, MOST_CHARACTERS);
  // eslint-disable-next-line no-control-regex -- removing them is the point
  return cut.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim();
};
