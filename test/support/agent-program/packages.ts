export { makeDeb, makeExecutable, makeIndex } from '../../../scripts/lib/agent-package.mjs';
