import type { CostAllocationRule } from '@flotilla/contracts';
import type { z } from 'zod';

export type RuleRow = z.input<typeof CostAllocationRule>;

export const RULE_COLUMNS = `r.id, r.name, r.key, r.service, r.provider, r.account, r.tag_key || ':' || r.tag_value AS tag,
  r.only_untagged, r.method, r.usage_basis, r.targets, r.priority, r.valid_from::text AS valid_from,
  r.valid_to::text AS valid_to, r.created_by, r.created_at, r.updated_at`;
