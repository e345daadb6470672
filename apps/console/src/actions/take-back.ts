import { api, makeOld } from '../data/api';
import { ApiError } from '../data/session';
import { count } from '../ui/format';
import { toast } from '../ui/toast';

/** Undoes approvals. The control plane allows it until a host has accepted the action, and says so where it is too late. */
export async function takeBack(ids: readonly string[]): Promise<void> {
  let done = 0;
  let first: unknown;
  for (const id of ids) {
    const asked = { params: { path: { id } }, body: { comment: 'Approved by mistake: taken back at once.' } };
    const { error } = await api.POST('/api/actions/{id}/cancel', asked).catch((thrown: unknown) => ({ error: thrown }));
    if (error === undefined) done += 1;
    else first ??= error instanceof Error ? error : ApiError.of(error);
  }
  await makeOld(['/api/actions', '/api/instances']);
  if (done > 0) toast.say(done === 1 ? 'Taken back: nothing is done.' : `${count(done)} taken back: nothing is done.`);
  if (first !== undefined) toast.failed(first);
}
