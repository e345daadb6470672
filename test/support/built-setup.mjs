/** Jest's global set-up of the end-to-end tests: what they start is built once, before two of them would build at a time. */
import { ensureBuilt } from '../../scripts/lib/build.mjs';

export default function setup() {
  ensureBuilt();
}
