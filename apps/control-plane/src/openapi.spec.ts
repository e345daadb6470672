import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppModule, ROOMS } from './app.module.js';
import { assertContracts, controllersOf, openApiDocument, routesOf, VERSION } from './platform/index.js';

const CLIENT = join(import.meta.dirname, '../../../libs/api-client');
const MEND = 'run `npm run generate` and commit what it writes';

/** The document and the client's types, against the routes. */
describe('the API document', () => {
  const routes = routesOf(controllersOf(ROOMS));
  const missing: string[] = [];
  const document = openApiDocument(routes, VERSION, missing);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );

  it('knows every room', () => {
    expect(AppModule).toBeDefined();
    expect(operations.length).toBeGreaterThan(40);
    expect(() => assertContracts(routes)).not.toThrow();
  });

  it('is what is committed', () => {
    const committed = JSON.parse(readFileSync(join(CLIENT, 'openapi.json'), 'utf8')) as unknown;
    expect({ mend: MEND, document: committed }).toEqual({ mend: MEND, document: JSON.parse(JSON.stringify(document)) });
  });

  it('is what the committed types were made of', async () => {
    const { clientTypes } = (await import('../../../scripts/client-types.mjs' as string)) as {
      clientTypes(document: unknown): Promise<string>;
    };
    const made = await clientTypes(document);
    expect(readFileSync(join(CLIENT, 'src/api.gen.ts'), 'utf8') === made ? 'fresh' : MEND).toBe('fresh');
  }, 60_000);

  it('shows an example of every JSON answer and of every body', () => {
    const bare = operations.filter(({ operation }) => {
      const parts = [
        operation.requestBody?.content,
        operation.responses['200']?.content,
        operation.responses['201']?.content,
        operation.responses['202']?.content,
      ];
      return parts.some((content) => {
        const json = content?.['application/json'];
        return json?.schema !== undefined && json.example === undefined;
      });
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it('invents no example', () => {
    expect(missing).toEqual([]); // give these fields .meta({ examples: […] })
  });

  it('shows only bodies that their own schemas take', () => {
    const wrong = routes.flatMap((route) => {
      const schema = route.arguments.find((argument) => argument.place === 'body')?.schema;
      const body = document.paths[route.path]![route.method.toLowerCase()]!.requestBody;
      const error = schema?.safeParse(body!.content['application/json']!.example).error;
      return error
        ? [`${route.method} ${route.path}: ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`]
        : [];
    });
    expect(wrong).toEqual([]);
  });

  it('shows only answers that their own schemas take', () => {
    const wrong = routes.flatMap((route) => {
      const { wire, contentType } = route.spec!.response;
      const operation = document.paths[route.path]![route.method.toLowerCase()]!;
      const example = operation.responses[String(route.spec!.status ?? 200)]?.content?.[contentType]?.example;
      if (!wire || example === undefined) return [];
      const { error } = wire.safeParse(example);
      return error
        ? [`${route.method} ${route.path}: ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`]
        : [];
    });
    expect(wrong).toEqual([]);
  });

  it('describes every parameter and has an id of its own for every operation', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    const bare = operations.flatMap(({ name, operation }) =>
      (operation.parameters ?? []).filter((one) => !one['description']).map((one) => `${name}: ${String(one['name'])}`),
    );
    expect(bare).toEqual([]);
  });
});
