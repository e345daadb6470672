import { request } from 'node:http';
import { askAws } from './aws.js';
import { askAzure } from './azure.js';
import { MetadataError } from './cloud-identity.js';
import type { Ask, AskCloud, Cloud, CloudIdentity } from './cloud-identity.js';
import { askGcp } from './gcp.js';

/** Where all three have their metadata service. */
export const METADATA_ADDRESS = 'http://169.254.169.254';

const CLIENTS: Readonly<Record<Cloud, AskCloud>> = { aws: askAws, gcp: askGcp, azure: askAzure };
/** One request. They answer in a few milliseconds, from the host itself. */
const REQUEST_MS = 1_000;
/** All of them together. */
const TOTAL_MS = 3_000;
const MAX_BYTES = 256 * 1024;

/**
 * Asks a cloud which machine this is.
 *
 * @param address of the metadata service, without a path
 * @throws MetadataError within 3 s, whatever the network does
 */
export async function askCloud(cloud: Cloud, address: string): Promise<CloudIdentity> {
  const end = performance.now() + TOTAL_MS;
  const ask: Ask = (path, headers, method = 'GET') =>
    answerOf(new URL(path, address), method, headers, Math.min(REQUEST_MS, end - performance.now()));
  return CLIENTS[cloud](ask);
}

/** Plain node:http: no proxy of the environment is asked, and a redirect is not followed. */
function answerOf(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  withinMs: number,
): ReturnType<Ask> {
  return new Promise((resolve, reject) => {
    const failed = (why: string) => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(new MetadataError(`The metadata service at ${url.origin} ${why}.`));
    };
    const timer = setTimeout(() => failed(`did not answer within ${REQUEST_MS / 1000} s`), Math.max(1, withinMs));
    const outgoing = request(url, { method, headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > MAX_BYTES) failed('answered more than 256 KiB');
      });
      answer.on('error', (error) => failed(`broke off: ${error.message}`));
      answer.on('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(parts).toString('utf8').trim();
        const header = (name: string) => [answer.headers[name]].flat()[0];
        resolve({ status: answer.statusCode ?? 0, text, header });
      });
    });
    outgoing.on('error', (error) => failed(`cannot be reached: ${error.message}`));
    outgoing.end();
  });
}
