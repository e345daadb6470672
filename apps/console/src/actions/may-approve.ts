import type { ActionDetails } from './action-words';

interface Me {
  readonly id: number;
  readonly email: string;
  readonly role: string;
}

/**
 * Why this person cannot approve an action, in a sentence; null: nothing speaks against it as far as one can see from here. The
 * control plane decides, and knows more: whose key it was, and who wrote what a policy asks.
 *
 * @param author who wrote the version of the policy that asks, as the versions tell it; undefined: no policy, or not known
 */
export function whyNotMe(action: ActionDetails, me: Me, author: string | undefined): string | null {
  if (me.role === 'viewer') return 'Viewers look on: ask an operator to decide.';
  if (!action.approval.second_person) return null;
  const { requester } = action;
  if (requester.type === 'user' && requester.id === String(me.id)) {
    return 'You asked for it yourself, and this tenant wants a second person. Somebody else has to approve it.';
  }
  if (author !== undefined && author === me.email) {
    return 'You wrote the policy that asks for it, and this tenant wants a second person. Somebody else has to approve it.';
  }
  return null;
}
