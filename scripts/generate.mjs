/**
 * Writes what is made from other files: the agent protocol's types from proto/, the OpenAPI document and the typed
 * client's types from the routes: `npm run generate`.
 *
 * Reads the built control plane without starting it. A test fails while what is committed differs from what this makes.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { clientTypes } from './client-types.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const built = (file) => import(pathToFileURL(path.join(root, 'apps/control-plane/dist', file)).href);

const agentProtocol = path.join(root, 'libs/contracts/scripts/generate-agent.mjs');
const generated = spawnSync(process.execPath, [agentProtocol], { stdio: 'inherit' });
if (generated.status !== 0) process.exit(generated.status ?? 1);

// not the console: it may already use what the client is about to learn
const compiler = [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'apps/control-plane'];
const compiled = spawnSync(process.execPath, compiler, { cwd: root, stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

const { ROOMS } = await built('app.module.js');
const { controllersOf, openApiDocument, routesOf, VERSION } = await built('platform/index.js');
const document = openApiDocument(routesOf(controllersOf(ROOMS)), VERSION);
const client = path.join(root, 'libs/api-client');
writeFileSync(path.join(client, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(path.join(client, 'src/api.gen.ts'), await clientTypes(document));
console.log(`${Object.keys(document.paths).length} paths written to libs/api-client`);
