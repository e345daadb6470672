/** What was looked at, how it is, and what mends it when it is not well. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** One sentence for a person: what is, and why. */
  readonly message: string;
  /** What to do; absent when it is well. */
  readonly mend?: string;
}

export const ok = (name: string, message: string): Check => ({ name, state: 'ok', message });
export const warn = (name: string, message: string, mend: string): Check => ({ name, state: 'warn', message, mend });
export const fail = (name: string, message: string, mend: string): Check => ({ name, state: 'fail', message, mend });

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? '';
