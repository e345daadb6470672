import type { Control as WireControl, Hello } from '@flotilla/contracts/agent';
import type { Control } from '@flotilla/domain';
import { cleanText } from '../grpc/text.js';
import { clockSkewMs, PROTOCOL } from './session-rules.js';
import type { Peer } from './session.types.js';
import type { Claim } from './sessions.store.js';

const CONTROLS_MAX = 256;

/** What a Hello says about its agent, cleaned; who it is comes from the certificate. */
export function claimOf(peer: Peer, hello: Hello, nowMs: number): Claim {
  const machine = hello.machine;
  return {
    ...peer.agent,
    keySha256: peer.keySha256,
    address: peer.address,
    bootId: cleanText(hello.bootId, 64) ?? '',
    walEpoch: hello.walEpoch,
    hostname: cleanText(machine?.hostname ?? '', 255),
    version: cleanText(hello.agentVersion || (machine?.agentVersion ?? ''), 64),
    os: cleanText(machine?.os ?? '', 128),
    kernel: cleanText(machine?.kernel ?? '', 128),
    arch: cleanText(machine?.arch ?? '', 32),
    fingerprint: cleanText(machine?.machineFingerprint ?? '', 128),
    protocol: Math.min(PROTOCOL.max, hello.maxProtocol),
    capabilities: hello.capabilities.slice(0, 100).flatMap((one) => cleanText(one, 64) ?? []),
    intervalS: hello.intervalS > 0 ? hello.intervalS : null,
    clockSkewMs: clockSkewMs(hello.nowMs, nowMs),
  };
}

export function controlsOf(controls: readonly WireControl[]): Control[] {
  const clean = (texts: readonly string[], max: number) => texts.flatMap((text) => cleanText(text, max) ?? []);
  return controls.slice(0, CONTROLS_MAX).map((control) => ({
    kind: cleanText(control.kind, 64) ?? '',
    verbs: clean(control.verbs.slice(0, 32), 64),
    instanceIds: clean(control.instanceIds, 256),
    scope: Object.fromEntries(
      Object.entries(control.scope).flatMap(([key, value]) => {
        const [name, text] = [cleanText(key, 64), cleanText(value, 256)];
        return name !== null && text !== null ? [[name, text] as const] : [];
      }),
    ),
    level: control.level === 'power' ? 'power' : 'workload',
  }));
}
