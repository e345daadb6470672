/** One list of instance types: a text table, because hundreds of object literals would be nobody's to read. */
export interface PriceSheet {
  /** As in an instance's `cloud_provider`. */
  readonly provider: string;
  readonly source: string;
  /** The day from which these prices are known, YYYY-MM-DD. */
  readonly asOf: string;
  /** What the columns `price` (and `spot`) belong to, in their order. */
  readonly regions: readonly string[];
  /** Written before every type. */
  readonly prefix?: string;
  /** For all types of the sheet; without it the column `storeGb` tells. */
  readonly hasInstanceStore?: boolean;
  readonly columns: readonly Column[];
  /** A type a line, fields separated by blanks, `-` for what is not known. */
  readonly rows: string;
}

type Column = 'type' | 'gpu' | 'gpus' | 'gpuMib' | 'vcpus' | 'mib' | 'storeGb' | 'price' | 'spot' | 'mark';

/** What an instance type is. null: not known. */
export interface InstanceType {
  readonly provider: string;
  readonly type: string;
  /** `h100`, `a100-80gb`, …; accelerators that are no GPUs too. */
  readonly gpuModel: string | null;
  /** Whole GPUs; 0 where the type has a fraction of one. */
  readonly gpuCount: number | null;
  /** Of each GPU. */
  readonly gpuMemoryMib: number | null;
  readonly vcpus: number | null;
  readonly memoryMib: number | null;
  /** Has a disk whose content is gone when the machine is stopped. */
  readonly hasInstanceStore: boolean | null;
  readonly source: string;
  readonly asOf: string;
}

export interface SheetRow {
  readonly spec: InstanceType;
  /** Decimal strings, USD an hour, by region. */
  readonly onDemand: ReadonlyMap<string, string>;
  readonly spot: ReadonlyMap<string, string>;
}

/** @throws RangeError for a line that does not fit its columns (a mistake in the table) */
export function rowsOf(sheet: PriceSheet): SheetRow[] {
  const lines = sheet.rows.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const fields = line.trim().split(' ');
    const spare = sheet.columns.includes('mark') ? 1 : 0;
    if (fields.length > sheet.columns.length || fields.length < sheet.columns.length - spare) {
      throw new RangeError(`price table of ${sheet.provider}: ${fields.length} fields in "${line}"`);
    }
    const all = (column: Column) => sheet.columns.flatMap((name, at) => (name === column ? [known(fields[at])] : []));
    const count = (column: Column) => numberOf(all(column)[0] ?? null);
    const byRegion = (column: 'price' | 'spot') =>
      new Map(
        all(column).flatMap((price, at): [string, string][] => (price ? [[sheet.regions[at] ?? '', price]] : [])),
      );
    const storeGb = count('storeGb');
    return {
      spec: {
        provider: sheet.provider,
        type: `${sheet.prefix ?? ''}${fields[0] ?? ''}`,
        gpuModel: all('gpu')[0] ?? null,
        gpuCount: count('gpus'),
        gpuMemoryMib: count('gpuMib'),
        vcpus: count('vcpus'),
        memoryMib: count('mib'),
        hasInstanceStore: sheet.hasInstanceStore ?? (storeGb === null ? null : storeGb > 0),
        source: sheet.source,
        asOf: sheet.asOf,
      },
      onDemand: byRegion('price'),
      spot: byRegion('spot'),
    };
  });
}

const known = (field: string | undefined): string | null => (field === undefined || field === '-' ? null : field);
const numberOf = (field: string | null): number | null => (field === null ? null : Number(field));
