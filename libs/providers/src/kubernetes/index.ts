/** Kubernetes: drain nodes and scale workloads, by plain REST. */
export { ClusterAccessError, inClusterAccess } from './access.js';
export type { ClusterAccess } from './access.js';
export { isBudget, isConflict, isGone, KubernetesError } from './api-error.js';
export { readKubeconfig } from './kubeconfig.js';
export type { KubeconfigOptions } from './kubeconfig.js';
export { KubernetesClient } from './kubernetes-client.js';
export type { KubernetesOptions } from './kubernetes-client.js';
export type { Metadata, Node, Pod, Scalable, ScalableKind } from './objects.js';
