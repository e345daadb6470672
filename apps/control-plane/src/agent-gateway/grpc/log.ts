/** What the gateway needs of a log; the platform's Log is one. */
export interface GatewayLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: GatewayLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
