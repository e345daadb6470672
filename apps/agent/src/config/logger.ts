import type { Log } from '../log.js';

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
type Level = keyof typeof LEVELS;

/**
 * Lines as pino writes them (JSON, one object a line, the same level numbers), or readable ones on a terminal. Not pino
 * itself: it costs the agent 8 MB of its 80 (ADR 0050), and nothing here needs its transports.
 */
export function createLog(level: Level, out: NodeJS.WriteStream = process.stdout): Log {
  const pretty = out.isTTY;
  const at =
    (name: Level) =>
    (first: object | string, message?: string): void => {
      if (LEVELS[name] < LEVELS[level]) return;
      const fields = typeof first === 'string' ? {} : plain(first);
      const msg = typeof first === 'string' ? first : (message ?? '');
      out.write(
        `${pretty ? readable(name, msg, fields) : JSON.stringify({ level: LEVELS[name], time: Date.now(), ...fields, msg })}\n`,
      );
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function plain(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value,
    ]),
  );
}

const COLOURS: Record<Level, number> = { debug: 90, info: 36, warn: 33, error: 31 };

function readable(level: Level, message: string, fields: Record<string, unknown>): string {
  const time = new Date().toISOString().slice(11, 19);
  const rest = Object.entries(fields).map(([key, value]) => {
    const text =
      (value as { message?: string } | null)?.message ?? (typeof value === 'string' ? value : JSON.stringify(value));
    return ` \u001b[90m${key}=\u001b[0m${clean(text)}`;
  });
  return `\u001b[90m${time}\u001b[0m \u001b[${COLOURS[level]}m${level.padEnd(5)}\u001b[0m ${clean(message)}${rest.join('')}`;
}

/** What tools and servers say must not steer the terminal. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const clean = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
