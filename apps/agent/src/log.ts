/** What the parts of the agent need of a logger; pino satisfies it. Messages are sentences for a person. */
export interface Log {
  debug(fields: object, message: string): void;
  debug(message: string): void;
  info(fields: object, message: string): void;
  info(message: string): void;
  warn(fields: object, message: string): void;
  warn(message: string): void;
  error(fields: object, message: string): void;
  error(message: string): void;
}

const nothing = () => {};

/** For tests, and for commands whose output is not a log. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
