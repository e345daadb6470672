import * as z from 'zod/mini';
import { instances, limits, text, verbs } from '../control-settings.js';

/** A unit name that can be no option and no path. */
const unit = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9_@][A-Za-z0-9:_.\\@-]*\.(service|target|scope|slice|timer|socket)$/,
      'expected the full name of a unit, for example training.service',
    ),
  );

/** Start and stop systemd units. */
export const systemdControl = z.strictObject({
  kind: z.literal('systemd'),
  instances,
  /** Acted on together. */
  units: z.tuple([unit], unit),
  verbs,
  systemctl: z._default(text, 'systemctl'),
  ...limits(),
});

export type SystemdControl = z.infer<typeof systemdControl>;
