import { setFlagsFromString } from 'node:v8';

/**
 * How the engine runs the agent; imported before everything else, because what is compiled once stays. A program that
 * computes for some milliseconds a second gains nothing from optimised code, and the compiler that makes it costs more
 * of the processor than it saves, with threads and memory that are never given back. Garbage is collected when there are
 * some megabytes of it, and not when the heap has doubled (docs/adr/0057-a-small-engine.md).
 */
setFlagsFromString('--no-opt');
setFlagsFromString('--optimize-for-size');
