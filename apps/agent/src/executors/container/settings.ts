import * as z from 'zod/mini';
import { instances, limits, text, verbs } from '../control-settings.js';

/** A container's name: no path, no option. */
const containerName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'expected the name of a container, for example train'));

const keys = {
  instances,
  /** Containers by name, acted on together. */
  containers: z.optional(z.array(containerName).check(z.minLength(1))),
  /** Or all that carry this label: "team=vision", or "team" for any value. */
  label: z.optional(z.string().check(z.regex(/^[^=\s]+(=.*)?$/, 'expected a label, for example team=vision'))),
  verbs,
  ...limits({ graceS: 30 }),
};
const named = z.refine<{ containers?: unknown; label?: unknown }>(
  ({ containers, label }) => (containers === undefined) !== (label === undefined),
  'says which containers either by `containers` (names) or by `label`, not by none and not by both',
);

/** Start and stop containers through the Engine API on Docker's socket. */
export const dockerControl = z
  .strictObject({ kind: z.literal('docker'), socket: z._default(text, '/var/run/docker.sock'), ...keys })
  .check(named);

/** The same through Podman's socket (`podman system service`). */
export const podmanControl = z
  .strictObject({ kind: z.literal('podman'), socket: z._default(text, '/run/podman/podman.sock'), ...keys })
  .check(named);

export type ContainerControl = z.infer<typeof dockerControl> | z.infer<typeof podmanControl>;
