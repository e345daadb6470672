import { isSignedWebhook, newWebhookSecret, webhookHeaders, webhookSecretIssue } from './index.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sent = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  event: 'alert.triggered',
  atS: 1_614_265_330,
  body: '{"test": 2432232314}',
};

describe('the signature of a webhook', () => {
  it('is the one of the Standard Webhooks example', () => {
    // secret, id, time, body and result as in the specification's reference libraries
    const headers = webhookHeaders({ ...sent, secrets: [SECRET] });
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect([headers['webhook-id'], headers['webhook-timestamp']]).toEqual([sent.id, '1614265330']);
  });

  it('has our own form too, which openssl makes of the secret as it is written', () => {
    // printf '%s' '1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
    expect(webhookHeaders({ ...sent, secrets: [SECRET] })).toMatchObject({
      'x-flotilla-event': 'alert.triggered',
      'x-flotilla-timestamp': '1614265330',
      'x-flotilla-signature': 'sha256=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964',
    });
  });

  it('is checked: the body, the id, the time, the secret, and one of two while a secret is rotated', () => {
    const old = newWebhookSecret();
    const headers = webhookHeaders({ ...sent, secrets: [SECRET, old] });
    const good = (more: object = {}, body = sent.body, secret = SECRET, nowS = sent.atS + 299) =>
      isSignedWebhook({ ...headers, ...more }, body, secret, nowS);
    expect([good(), good({}, sent.body, old)]).toEqual([true, true]);
    expect(good({}, `${sent.body} `)).toBe(false);
    expect(good({ 'webhook-id': 'msg_other' })).toBe(false);
    expect(good({ 'webhook-timestamp': String(sent.atS + 1) })).toBe(false);
    expect(good({}, sent.body, newWebhookSecret())).toBe(false);
    expect(good({}, sent.body, SECRET, sent.atS + 301)).toBe(false);
    expect(good({}, sent.body, SECRET, sent.atS - 301)).toBe(false);
    expect(good({ 'webhook-signature': undefined })).toBe(false);
    expect(good({ 'webhook-signature': 'v1,' })).toBe(false);
    expect(good({ 'webhook-signature': 'v2,AAAA' })).toBe(false);
  });

  it.each([
    ['whsec_', true],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, true],
    [`whsec_${Buffer.alloc(24).toString('base64')}`, false],
    ['short', true],
    ['a'.repeat(24), false],
    [`${'a'.repeat(24)} b`, true],
    [`${'a'.repeat(24)}\n`, true],
    [newWebhookSecret(), false],
  ])('says of %j whether something is wrong: %s', (secret, wrong) =>
    expect(webhookSecretIssue(secret) !== null).toBe(wrong),
  );
});
