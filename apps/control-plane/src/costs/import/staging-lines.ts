import { hash } from 'node:crypto';
import { costContent, costIdentity } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import { copyLine } from '@flotilla/persistence';
import { COST_COLUMNS, COST_FIELDS_OF_COLUMNS } from '../ledger.sql.js';
import type { InstanceLinks } from './instance-links.js';
import { Likes } from './likes.js';

/** The columns of a staged line, in its order. */
export const STAGED_COLUMNS = ['record_key', 'content_digest', 'instance_id', ...COST_COLUMNS] as const;

const OWN = STAGED_COLUMNS.length - COST_COLUMNS.length;

/** Writes the charges of one file as lines of COPY, each with its identity in the ledger. */
export class StagingLines {
  private readonly likes = new Likes();
  private readonly values: (string | number | boolean | null)[] = STAGED_COLUMNS.map(() => null);
  // rows of a bill share their tags
  private readonly tagTexts = new WeakMap<object, string>();

  constructor(private readonly instances: InstanceLinks) {}

  lineOf(record: CostRecord): string {
    const { values } = this;
    values[0] = `\\x${this.keyOf(record)}`;
    values[1] = `\\x${sha256(costContent(record))}`;
    values[2] = this.instances.idOf(record.resourceId, record.provider);
    for (let n = 0; n < COST_FIELDS_OF_COLUMNS.length; n++) {
      const value = record[COST_FIELDS_OF_COLUMNS[n]!];
      values[OWN + n] = typeof value === 'object' && value !== null ? this.json(value) : value;
    }
    return copyLine(values);
  }

  /** A bill may hold charges that are alike in every dimension: the second one of a file is `<key>#1`, the third `<key>#2`. */
  private keyOf(record: CostRecord): string {
    const key = sha256(costIdentity(record));
    const place = this.likes.placeOf(key);
    return place === 0 ? key : sha256(`${key}#${place}`);
  }

  private json(value: Readonly<Record<string, string>>): string {
    let text = this.tagTexts.get(value);
    if (text === undefined) this.tagTexts.set(value, (text = JSON.stringify(value)));
    return text;
  }
}

const sha256 = (text: string) => hash('sha256', text, 'hex');
