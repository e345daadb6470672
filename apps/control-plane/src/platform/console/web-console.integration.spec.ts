import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import express from 'express';
import { webConsole } from './web-console.js';

const SCRIPT = 'console.log("flotilla");'.repeat(100);

describe('the web console', () => {
  let folder: string;
  let server: Server;
  let base: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-console-'));
    const app = express();
    app.use(webConsole(join(folder, 'www')));
    app.use((_request, response) => void response.status(404).json({ success: false }));
    server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const page = (path: string, accept = 'text/html') => fetch(base + path, { headers: { accept }, redirect: 'manual' });

  it('leads to the documents as long as it is not built', async () => {
    const answer = await page('/');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
    expect((await page('/instances/1')).status).toBe(404);
  });

  describe('once it is built', () => {
    beforeAll(() => {
      mkdirSync(join(folder, 'www/assets'), { recursive: true });
      writeFileSync(join(folder, 'secret.js'), 'outside');
      writeFileSync(join(folder, 'www/index.html'), '<!doctype html><title>Flotilla</title>');
      writeFileSync(join(folder, 'www/assets/index-1.js'), SCRIPT);
      writeFileSync(join(folder, 'www/assets/index-1.js.br'), brotliCompressSync(SCRIPT));
      writeFileSync(join(folder, 'www/assets/plain-2.js'), SCRIPT);
    });

    it.each(['/', '/instances/1', '/costs?days=7'])(
      'shows the page at %s under a policy without exceptions',
      async (path) => {
        const answer = await page(path);
        expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('<title>Flotilla')]);
        const policy = answer.headers.get('content-security-policy')!;
        expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
        expect(policy).not.toMatch(/unsafe|\*|https?:/);
        expect(answer.headers.get('cache-control')).toBe('no-cache');
      },
    );

    it.each(['/api/none', '/api', '/healthz', '/status', '/otlp/v1/none', '/agent/none', '/docs/none'])(
      'leaves %s to the API',
      async (path) => expect((await page(path)).status).toBe(404),
    );

    it('gives a script that asks a wrong address no page, and answers no writes', async () => {
      expect((await page('/instancez', 'application/json')).status).toBe(404);
      expect((await page('/missing.js')).status).toBe(404);
      expect((await fetch(`${base}/`, { method: 'POST' })).status).toBe(404);
    });

    it('sends files packed where the reader can unpack, for ever where their name holds their content', async () => {
      const packed = await raw('/assets/index-1.js', 'gzip, br');
      expect(packed.headers).toMatchObject({
        'content-encoding': 'br',
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': 'text/javascript; charset=utf-8',
        vary: 'Accept-Encoding',
      });
      expect(brotliDecompressSync(packed.body).toString()).toBe(SCRIPT);
      for (const [path, encoding] of [
        ['/assets/index-1.js', 'gzip'],
        ['/assets/index-1.js', 'brotli'],
        ['/assets/plain-2.js', 'br'],
      ] as const) {
        const plain = await raw(path, encoding);
        expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, SCRIPT]);
      }
    });

    it.each([
      '/../secret.js',
      '/assets/../../secret.js',
      '/%2e%2e/secret.js',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.js',
      '/a%00.js',
    ])('stays in its folder: %s', async (path) => expect((await raw(path, '')).status).toBe(404));
  });

  /** Without what fetch does to an address and an answer. */
  function raw(path: string, encoding: string) {
    return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      request(base + '/', { path, headers: { 'accept-encoding': encoding } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      })
        .on('error', reject)
        .end();
    });
  }
});
