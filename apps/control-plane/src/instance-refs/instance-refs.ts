import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';

export type IdType = 'numeric' | 'provider';

/**
 * The instance that a path means: a provider id, which wins, or a numeric id; `idType` decides where both could be meant.
 *
 * @throws AppError NOT_FOUND; CONFLICT when the provider id exists under several providers
 */
export async function resolveInstance(
  tx: ReadTx,
  actor: TenantRef,
  ref: string,
  idType?: IdType | undefined,
): Promise<number> {
  const numeric = idType !== 'provider' && /^[1-9]\d{0,15}$/.test(ref) ? Number(ref) : null;
  const rows = await tx.rows<{ id: number; cloud_provider: string; by_provider: boolean }>(
    `SELECT i.id, i.cloud_provider, i.provider_id = $2 AS by_provider FROM flotilla.instances i
      WHERE i.tenant_id = $1 AND ($4 AND i.provider_id = $2 OR i.id = $3) ORDER BY i.id`,
    [actor.tenantId, ref, numeric, idType !== 'numeric'],
  );
  const byProvider = idType === 'numeric' ? [] : rows.filter((row) => row.by_provider);
  if (byProvider.length > 1) {
    throw new AppError(
      'CONFLICT',
      `The provider id ${ref} exists under several providers. Use the numeric id of the one you mean.`,
      { field: 'id', value: ref, instances: byProvider.map(({ id, cloud_provider }) => ({ id, cloud_provider })) },
    );
  }
  const found = byProvider[0] ?? rows.find((row) => row.id === numeric);
  if (!found) throw notFound('instance', ref);
  return found.id;
}
