/** `00000000:0B:00.0`, `0000:0B:00.0` and `0b:00.0` are one place; the key is domain (without leading zeros) and bus. */
export function busKey(busId: string): string {
  const parts = /^(?:([0-9a-f]+):)?([0-9a-f]{1,2}:[0-9a-f]{1,2}(?:\.[0-9a-f])?)$/i.exec(busId.trim());
  if (!parts) return busId.trim().toLowerCase();
  return `${(parts[1] ?? '').replace(/^0+/, '') || '0'}:${(parts[2] as string).toLowerCase()}`;
}

/** How drivers before 470 named a MIG instance, and how we do where nobody tells its uuid: stable while it exists. */
export const migKey = (gpuUuid: string, gpuInstance: number, computeInstance: number): string =>
  `MIG-${gpuUuid}/${gpuInstance}/${computeInstance}`;
