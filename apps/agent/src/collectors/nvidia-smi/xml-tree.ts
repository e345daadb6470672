import type { Node } from './xml-node.js';

/** A text that is no tree of tags. */
export class XmlTreeError extends Error {}

/** Deeper than any tag of nvidia-smi, by far. */
const MAX_DEPTH = 64;
/** Shorter ones are copied. */
const WINDOW = 13;
/** A tag, or what may stand between tags without being one. */
const MARK =
  /<!--[^]*?-->|<\?[^]*?\?>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/g;
const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

interface Open {
  readonly tag: string;
  readonly node: Record<string, unknown>;
  text: string;
}

/**
 * The tree of an `nvidia-smi -q -x` document: tags with texts or with tags, attributes as `@name`, `lists` always as
 * arrays, the branches `without` left out before anything is made of them. A library that reads all of XML costs the
 * agent some megabytes for as long as it runs; what the tool writes is a small part of XML. What is not in that part (a
 * section of raw text, a definition) is refused, and entities stay as they are written.
 *
 * @throws XmlTreeError for tags that do not match, and for anything that is neither tag nor text
 */
export function xmlTree(xml: string, lists: ReadonlySet<string>, without: ReadonlySet<string>): Node {
  const root: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const path: Open[] = [{ tag: '', node: root, text: '' }];
  let at = 0;
  MARK.lastIndex = 0;
  for (let mark = MARK.exec(xml); mark; mark = MARK.exec(xml)) {
    const open = path[path.length - 1] as Open;
    open.text += plain(xml, at, mark.index);
    at = MARK.lastIndex;
    const [, closes, tag, attributes, empty] = mark;
    if (tag === undefined) continue;
    if (closes) {
      if (open.tag !== tag || path.length === 1) throw new XmlTreeError(`</${tag}> closes <${open.tag}>`);
      path.pop();
      put((path[path.length - 1] as Open).node, tag, contentOf(open), lists);
      continue;
    }
    if (without.has(tag) && !empty) {
      const end = xml.indexOf(`</${tag}>`, at);
      if (end < 0) throw new XmlTreeError(`<${tag}> is never closed`);
      at = MARK.lastIndex = end + tag.length + 3;
      continue;
    }
    const made: Open = { tag, node: Object.create(null) as Record<string, unknown>, text: '' };
    for (const [, name, double, single] of (attributes ?? '').matchAll(ATTRIBUTE)) {
      made.node[`@${name}`] = double ?? single ?? '';
    }
    if (empty) put(open.node, tag, contentOf(made), lists);
    else if (path.push(made) > MAX_DEPTH) throw new XmlTreeError('the tags are nested too deeply');
  }
  if (path.length > 1) throw new XmlTreeError(`<${(path[path.length - 1] as Open).tag}> is never closed`);
  plain(xml, at, xml.length);
  return root;
}

function plain(xml: string, from: number, to: number): string {
  const text = xml.slice(from, to);
  if (text.includes('<')) throw new XmlTreeError(`no tag: ${text.slice(text.indexOf('<')).slice(0, 40)}`);
  return text;
}

/** A tag that has tags is a node, one that has none is its text. */
function contentOf({ node, text }: Open): unknown {
  for (const _ in node) return node;
  const trimmed = text.trim();
  // the engine cuts longer texts as windows onto the document, and one that is kept would keep all of it
  return trimmed.length < WINDOW ? trimmed : Buffer.from(trimmed).toString();
}

/** A tag that comes again makes an array of both. */
function put(node: Record<string, unknown>, tag: string, content: unknown, lists: ReadonlySet<string>): void {
  const before = node[tag];
  if (Array.isArray(before)) before.push(content);
  else if (before !== undefined) node[tag] = [before, content];
  else node[tag] = lists.has(tag) ? [content] : content;
}
