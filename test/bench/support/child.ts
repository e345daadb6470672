import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { startReplica } from './replica.js';
import type { ReplicaOrder, ReplicaPlace } from './replica.js';

/** The argument that makes a bench's program be a control plane instead of the bench: see beReplicaIfAsked. */
const REPLICA = '--replica';

/** A control plane in a process of its own. @param program the bench's own file, which calls beReplicaIfAsked */
export function forkReplica(
  program: string,
  order: ReplicaOrder,
): Promise<{ child: ChildProcess; place: ReplicaPlace }> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [REPLICA], { serialization: 'advanced' });
    child.on('message', (message: { ready?: ReplicaPlace; error?: string }) => {
      if (message.ready) resolve({ child, place: message.ready });
      if (message.error) reject(new Error(message.error));
    });
    child.on('exit', (code) => reject(new Error(`the control plane ended with ${code}`)));
    child.send(order);
  });
}

/** In the process that forkReplica started: becomes the control plane that its parent orders. */
export function beReplicaIfAsked(): void {
  if (process.argv[2] !== REPLICA || !process.send) return;
  const say = (message: object) => void process.send!(message);
  process.once('message', (order: ReplicaOrder) => {
    startReplica(order).then(
      (place) => say({ ready: place }),
      (error: Error) => say({ error: error.stack ?? error.message }),
    );
  });
}
