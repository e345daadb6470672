import * as z from 'zod/mini';

/** The words that the configuration of several kinds of control shares. */
export const text = z.string().check(z.minLength(1));
/** A command as the kernel takes it: no shell is involved, so neither are quotes, pipes or variables. */
export const argv = z.tuple([text], z.string());
export const seconds = (max: number) => z.number().check(z.gt(0), z.lte(max));
/** "self" or provider ids of other instances. */
export const instances = z._default(z.array(text).check(z.minLength(1)), ['self']);
export const verbs = z._default(z.array(z.enum(['start', 'stop'])).check(z.minLength(1)), ['start', 'stop']);

/** Keys that every kind has. The defaults are those of something that answers in seconds. */
export const limits = (defaults: { timeoutS?: number; graceS?: number; verifyS?: number } = {}) => ({
  /** What takes longer is given up (a command: stopped). */
  timeout_s: z._default(seconds(86_400), defaults.timeoutS ?? 120),
  /** From SIGTERM to SIGKILL. */
  grace_s: z._default(seconds(3_600), defaults.graceS ?? 10),
  /** How long the new state may need to show. */
  verify_s: z._default(seconds(86_400), defaults.verifyS ?? 30),
  /** Nobody may act on it, whatever the control plane says. */
  protected: z._default(z.boolean(), false),
});

/** The limits in the words of a plan. */
export const limitsOf = (control: { timeout_s: number; grace_s: number; verify_s: number }) => ({
  timeoutMs: control.timeout_s * 1000,
  graceMs: control.grace_s * 1000,
  verifyMs: control.verify_s * 1000,
});

/** Why a control that is configured as protected is not acted on; null: it is not protected. */
export const protectionOf = (control: { protected: boolean }): string | null =>
  control.protected ? "this host's configuration protects it: it may not be acted on" : null;

/** Whether an offer means a control that names its instances in the configuration. */
export const coversByName = (
  kind: string,
  named: readonly string[],
  offer: { controlKind: string; instanceId: string },
): boolean => ['', 'self', kind].includes(offer.controlKind) && named.includes(offer.instanceId);
