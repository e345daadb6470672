import { loadPackageDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { agentDescriptor } from './generated/descriptor.gen.js';
import type { ProtoGrpcType } from './generated/agent.js';
import type { AgentEnrollmentDefinition } from './generated/flotilla/v1/AgentEnrollment.js';
import type { AgentGatewayDefinition } from './generated/flotilla/v1/AgentGateway.js';

type Package = ProtoGrpcType['flotilla']['v1'];
type MessageDefinition<I, O> = { serialize(value: I): Buffer; deserialize(bytes: Buffer): O };

/**
 * How messages look in code: camelCase; 64-bit integers as numbers (every one of ours stays below 2^53, what is above
 * is refused as out of range); absent fields as their defaults; `body` names the member of a oneof that is set.
 * The generated types are made with the same options.
 */
const OPTIONS = { longs: Number, enums: String, defaults: true, oneofs: true } as const;

/** The loaded package. The descriptor is a module and not a file, so that a single-file bundle carries it. */
export const agentPackage: Package = (
  loadPackageDefinition(
    fromJSON(agentDescriptor as Parameters<typeof fromJSON>[0], OPTIONS),
  ) as unknown as ProtoGrpcType
).flotilla.v1;

export const agentGatewayService: AgentGatewayDefinition = agentPackage.AgentGateway.service;
export const agentEnrollmentService: AgentEnrollmentDefinition = agentPackage.AgentEnrollment.service;

/** The names of the messages of flotilla.v1. */
export type MessageName = Exclude<keyof Package, 'AgentGateway' | 'AgentEnrollment'>;

type InputOf<N extends MessageName> = Package[N] extends { serialize(value: infer I): Buffer } ? I : never;
type OutputOf<N extends MessageName> = Package[N] extends { deserialize(bytes: Buffer): infer O } ? O : never;

/** Bytes ↔ message, for what is kept outside a stream (the spool) and for tests. */
export interface MessageCodec<I, O> {
  /** @throws TypeError when a field has the wrong type */
  encode(value: I): Buffer;
  /** @throws Error when the bytes are not such a message */
  decode(bytes: Buffer): O;
}

/** The codec of one message, for example `messageCodec('Entry')`. */
export function messageCodec<N extends MessageName>(name: N): MessageCodec<InputOf<N>, OutputOf<N>> {
  const definition = agentPackage[name] as unknown as MessageDefinition<InputOf<N>, OutputOf<N>>;
  return { encode: (value) => definition.serialize(value), decode: (bytes) => definition.deserialize(bytes) };
}
