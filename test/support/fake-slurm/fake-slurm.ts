import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** scontrol, squeue and scancel as far as the agent uses them, on one node that is kept as a file. */
const SCRIPT = `#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
const file = FILE;
const node = JSON.parse(readFileSync(file, 'utf8'));
const args = process.argv.slice(2);
const tool = basename(process.argv[1]);
const save = (change) => {
  if (node.fault === 'does-nothing') return;
  writeFileSync(file, JSON.stringify({ ...node, ...change, effects: node.effects + 1 }));
};
const changes = tool === 'scancel' || args[0] === 'update';
if (changes && node.fault === 'hangs') await new Promise((resolve) => setTimeout(resolve, 60_000));
if (changes && node.fault === 'refuses') {
  console.error('slurm_update error: Access/permission denied');
  process.exit(1);
}
if (!changes && node.fault === 'mute') {
  console.error('slurm_load_node error: Unable to contact slurm controller (connect failure)');
  process.exit(1);
}
if (tool === 'squeue') console.log(node.jobs.join('\\n'));
else if (tool === 'scancel') save({ jobs: [] });
else if (args[0] === '-o') {
  if (args[3] !== 'gpu-1') { console.log('Node ' + args[3] + ' not found'); process.exit(1); }
  const base = node.jobs.length > 0 ? 'MIXED' : 'IDLE';
  const reason = node.reason ? ' Reason=' + node.reason + ' [root@2026-01-02T03:04:05]' : '';
  console.log('NodeName=gpu-1 Arch=x86_64 State=' + [base, ...node.flags].join('+') + ' AllocTRES=' + reason);
} else {
  const asked = Object.fromEntries(args.slice(1).map((word) => word.split(/=(.*)/s)));
  const had = (flag) => node.flags.includes(flag);
  if (asked.state === 'drain') {
    if (!asked.reason) { console.error('You must specify a reason when DRAINING a node'); process.exit(1); }
    if (!had('DRAIN')) save({ flags: ['DRAIN'], reason: asked.reason });
  } else if (asked.state === 'resume') save({ flags: [], reason: '' });
  else if (asked.state === 'power_down_asap') { if (!had('POWERED_DOWN')) save({ flags: ['POWERED_DOWN'] }); }
  else if (asked.state === 'power_down_force') save({ flags: ['POWERED_DOWN'], jobs: [] });
  else if (asked.state === 'power_up') save({ flags: [] });
  else { console.error('Invalid input: ' + args.join(' ')); process.exit(1); }
}
`;

interface NodeFile {
  readonly flags: string[];
  readonly reason: string;
  readonly jobs: string[];
  readonly effects: number;
  readonly fault: 'refuses' | 'does-nothing' | 'hangs' | 'mute' | null;
}

/** Slurm's tools for tests, and the node `gpu-1`. */
export class FakeSlurm {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.node = { flags: [], reason: '', jobs: [], effects: 0, fault: null };
    for (const tool of ['scontrol', 'squeue', 'scancel']) {
      const path = join(folder, tool);
      writeFileSync(path, SCRIPT.replace('FILE', JSON.stringify(this.file)));
      chmodSync(path, 0o755);
    }
    // without an ending the tools are modules by this
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  }

  /** An element of `controls`. */
  get control() {
    const tool = (name: string) => join(this.folder, name);
    const tools = { scontrol: tool('scontrol'), squeue: tool('squeue'), scancel: tool('scancel') };
    return { kind: 'slurm', node: 'gpu-1', ...tools } as const;
  }

  get node(): NodeFile {
    return JSON.parse(readFileSync(this.file, 'utf8')) as NodeFile;
  }

  set node(node: NodeFile) {
    writeFileSync(this.file, JSON.stringify(node));
  }

  change(change: Partial<NodeFile>): void {
    this.node = { ...this.node, ...change };
  }

  private get file(): string {
    return join(this.folder, 'node.json');
  }
}
