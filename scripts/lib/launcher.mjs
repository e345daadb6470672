import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AGENT_PROGRAM } from './build.mjs';
import { LauncherLock } from './launcher-lock.mjs';
import { CONTROL_PLANE_FLAGS } from './node-flags.mjs';
import { Part } from './part.mjs';
import { ROOT } from './root.mjs';

/** What went wrong for good: said in sentences, with the exit code of `npm start`. */
export class LaunchError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs the control plane and the agent of this host, keeps both alive, stops both in order. */
export class Launcher {
  constructor({ demo, verbose, agent, say }) {
    const wished = process.env.FLOTILLA_DATA_DIR || join(ROOT, '.flotilla', demo ? 'demo' : '');
    this.dataDir = resolve(wished);
    this.say = say;
    this.wantsAgent = agent;
    this.lock = new LauncherLock(this.dataDir);
    this.answers = new Map();
    this.controlPlane = new Part({
      name: 'control-plane',
      entry: 'apps/control-plane/dist/main.js',
      nodeFlags: CONTROL_PLANE_FLAGS,
      env: { FLOTILLA_DATA_DIR: this.dataDir, ...(demo && { FLOTILLA_DEMO: '1' }) },
      log: join(this.dataDir, 'logs', 'control-plane.log'),
      verbose,
      onStart: (pid) => this.lock.remember('control-plane', pid),
      onMessage: (message) => this.heard(message),
      onEnd: (how) => this.controlPlaneEnded(how),
    });
    this.agent = new Part({
      name: 'agent',
      entry: AGENT_PROGRAM,
      prepare: () => this.agentOptions(),
      log: join(this.dataDir, 'logs', 'agent.log'),
      verbose,
      onStart: (pid) => this.lock.remember('agent', pid),
      onEnd: (how) => this.crashed('The agent', this.agent, how),
    });
  }

  /** @returns what the control plane said when it was ready, and how a host is added */
  async start() {
    await this.lock.take(this.say);
    const ready = await new Promise((resolve, reject) => {
      this.onReady = resolve;
      this.onGivenUp = reject;
      this.controlPlane.start().catch(reject);
    });
    this.onReady = undefined;
    this.onGivenUp = undefined;
    const invitation = await this.ask('add-host');
    if (this.wantsAgent) await this.agent.start();
    return { ready, invitation };
  }

  async stop() {
    await this.agent.stop();
    await this.controlPlane.stop();
    this.lock.give();
  }

  kill() {
    this.agent.kill();
    this.controlPlane.kill();
  }

  heard(message) {
    if (message?.type === 'ready') {
      this.agentServer = message.agentServer;
      this.onReady?.(message);
    }
    if (message?.type !== 'enrollment-token') return;
    this.answers.get(message.requestId)?.(message);
    this.answers.delete(message.requestId);
  }

  /** Asks the control plane for an enrolment token; null when it cannot give one. */
  ask(purpose) {
    const requestId = `${purpose}-${performance.now()}`;
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(null), 10_000);
      this.answers.set(requestId, (answer) => {
        clearTimeout(late);
        resolve(answer.error ? null : answer);
      });
      this.controlPlane.send({ type: 'enrollment-token', requestId, purpose });
    });
  }

  /** A token only where the host has no identity yet; it travels in the environment, which other users cannot read. */
  async agentOptions() {
    const state = join(this.dataDir, 'agent');
    const args = ['run', '--server', this.agentServer, '--state-dir', state];
    if (existsSync(join(state, 'identity.json'))) return { args };
    const answer = await this.ask('local-agent');
    return { args, env: answer ? { FLOTILLA_ENROLLMENT_TOKEN: answer.token } : {} };
  }

  controlPlaneEnded(how) {
    if (!this.onGivenUp) return this.crashed('The control plane', this.controlPlane, how);
    const { log } = this.controlPlane.options;
    const said = how.said || `the control plane ended (${how.signal ?? `exit code ${how.code}`}); its log: ${log}`;
    this.onGivenUp(new LaunchError(said, how.code === 2 ? 2 : 1));
    return 'leave';
  }

  crashed(name, part, { code, signal, said }) {
    const why = said ? `: ${said.split('\n').at(-1)}` : '';
    this.say(
      `${name} ended (${signal ?? `exit code ${code}`})${why}. Starting it again in ${part.wait / 1000} s; its log: ${part.options.log}`,
    );
    return 'restart';
  }
}
