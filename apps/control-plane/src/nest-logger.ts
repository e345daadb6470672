import type { LoggerService } from '@nestjs/common';
import type { Log } from './platform/index.js';

/** What Nest itself has to say, in our log. Its chatter at boot is for those who ask for it. */
export function nestLogger(parent: Log): LoggerService {
  const log = parent.child('nest');
  const text = (message: unknown) => (message instanceof Error ? message.message : String(message));
  const facts = (message: unknown, more: readonly unknown[]) => ({
    ...(message instanceof Error && { err: message }),
    ...(more.length > 0 && { about: more.map(String) }),
  });
  return {
    log: (message: unknown, ...more: unknown[]) => log.debug(facts(message, more), text(message)),
    debug: (message: unknown, ...more: unknown[]) => log.debug(facts(message, more), text(message)),
    verbose: (message: unknown, ...more: unknown[]) => log.debug(facts(message, more), text(message)),
    warn: (message: unknown, ...more: unknown[]) => log.warn(facts(message, more), text(message)),
    error: (message: unknown, ...more: unknown[]) => log.error(facts(message, more), text(message)),
    fatal: (message: unknown, ...more: unknown[]) => log.fatal(facts(message, more), text(message)),
  };
}
