import { sessions } from './session';

/** Who was here last, also while nobody is. */
let former: string | undefined;
let now: string | undefined;
const forgets = new Set<() => void>();

/** Runs when another person, or the same one in another tenant, or nobody is here: what was for the former is thrown away. */
export const whenOther = (forget: () => void): void => void forgets.add(forget);

/** One text for a person in a tenant. */
export const whoIs = (user: { readonly tenant_id: string; readonly id: number } | null | undefined) =>
  user ? `${user.tenant_id} ${user.id}` : '';

// also another tab may have logged in as somebody else: the next token of this one is that person's
sessions.subscribe(() => {
  const who = whoIs(sessions.user());
  if (who === now) return;
  if (now !== undefined) for (const forget of forgets) forget();
  now = who;
  if (who === '') return;
  // filters and what is open in the address are the former's too
  if (former !== undefined && former !== who) window.history.replaceState(null, '', '/');
  former = who;
});
