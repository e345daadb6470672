import { XMLParser } from 'fast-xml-parser';
import { Ec2Error } from './ec2-error.js';

/** An element of an answer: text, or elements by name. Lists are `item` elements and always arrays. */
export type Xml = string | { readonly [name: string]: Xml | readonly Xml[] | undefined };

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: true,
  isArray: (name) => name === 'item' || name === 'Error',
});

/** The root element's children. @throws Error when it is not XML with one root */
export function readXml(text: string): Xml {
  const tree = parser.parse(text, true) as Record<string, Xml>;
  const root = Object.entries(tree).find(([name]) => !name.startsWith('?'))?.[1];
  if (root === undefined) throw new Error(`EC2 answered with something that is not XML: ${text.slice(0, 120)}`);
  return root;
}

export function child(node: Xml | undefined, name: string): Xml | undefined {
  if (node === undefined || typeof node === 'string') return undefined;
  const found = node[name];
  return Array.isArray(found) ? (found as readonly Xml[])[0] : (found as Xml | undefined);
}

/** The text of an element found by a path; null when it is not there or empty. */
export function textOf(node: Xml | undefined, ...path: readonly string[]): string | null {
  let at = node;
  for (const name of path) at = child(at, name);
  return typeof at === 'string' && at !== '' ? at : null;
}

/** The items of a list that is found by a path; none when it is not there. */
export function itemsOf(node: Xml | undefined, ...path: readonly string[]): readonly Xml[] {
  let at = node;
  for (const name of path) at = child(at, name);
  if (at === undefined || typeof at === 'string') return [];
  const items = at['item'];
  return Array.isArray(items) ? (items as readonly Xml[]) : [];
}

/** `<Response><Errors><Error><Code>…`; anything else (a proxy's page) becomes an error named after its status. */
export function readError(text: string, status: number): Ec2Error {
  try {
    const root = readXml(text);
    const error = child(child(root, 'Errors'), 'Error') ?? child(root, 'Error');
    const code = textOf(error, 'Code');
    const requestId = textOf(root, 'RequestID') ?? textOf(root, 'RequestId') ?? '';
    if (code) return new Ec2Error(code, textOf(error, 'Message') ?? code, status, requestId);
  } catch {
    // no XML
  }
  return new Ec2Error(`Http${status}`, `the answer was HTTP ${status} without an EC2 error`, status, '');
}
