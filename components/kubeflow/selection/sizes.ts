/** How many of each workload, and how large. The table is data: docs/components.md shows it. */
import type { SizeName } from "./settings.ts";

/**
 * Why a workload may have several replicas.
 *
 * - `stateless`: any replica answers any request.
 * - `leader`: one works, the others take over: it elects a leader with what upstream configures.
 */
export type Manner = "stateless" | "leader";

export interface Size {
  readonly replicas: Readonly<Record<Manner, number>>;
  /** What requests and limits are multiplied with, upstream's and ours. */
  readonly factor: number;
}

export const sizes: Readonly<Record<SizeName, Size>> = {
  /** Upstream's replicas. */
  small: { replicas: { stateless: 1, leader: 1 }, factor: 1 },
  medium: { replicas: { stateless: 2, leader: 2 }, factor: 1 },
  large: { replicas: { stateless: 3, leader: 2 }, factor: 2 },
};

/**
 * Workloads that may have replicas, by namespace and name, with the source of that. What is not here stays as upstream
 * has it: databases and stores (mysql, katib-mysql, seaweedfs, model-registry-db), which are one process on one volume;
 * ml-pipeline, metadata-grpc-deployment and katib-db-manager, which bring the database's schema up to date when they
 * start; and controllers that elect no leader as upstream starts them (notebook-controller, profiles, tensorboard,
 * katib-controller, persistence agent, scheduled workflows, viewers, metadata-writer, localmodel, metacontroller).
 */
export const mayHaveReplicas: Readonly<Record<string, Manner>> = {
  // cert-manager elects leaders unless --leader-elect=false; its webhook keeps nothing (cert-manager.io, best practice).
  "cert-manager/cert-manager": "leader",
  "cert-manager/cert-manager-cainjector": "leader",
  "cert-manager/cert-manager-webhook": "stateless",
  // Horizontally scaled by upstream itself; a HorizontalPodAutoscaler has the say, and gets this as its minimum.
  "istio-system/istiod": "stateless",
  "istio-system/istio-ingressgateway": "stateless",
  "istio-system/cluster-local-gateway": "stateless",
  "knative-serving/activator": "stateless",
  "knative-serving/webhook": "stateless",
  // Sessions are in the cookie.
  "oauth2-proxy/oauth2-proxy": "stateless",
  // Keeps its state in the cluster's API (`storage.type: kubernetes`).
  "auth/dex": "stateless",
  // Knative's controllers elect leaders by config-leader-election (knative.dev, high availability).
  "knative-serving/autoscaler": "leader",
  "knative-serving/controller": "leader",
  "knative-serving/net-istio-controller": "leader",
  "knative-serving/net-istio-webhook": "stateless",
  // Web applications that keep nothing: what they show is in the cluster's API, or in their backend.
  "kubeflow/centraldashboard": "stateless",
  "kubeflow/jupyter-web-app-deployment": "stateless",
  "kubeflow/volumes-web-app-deployment": "stateless",
  "kubeflow/tensorboards-web-app-deployment": "stateless",
  "kubeflow/kserve-models-web-app": "stateless",
  "kubeflow/katib-ui": "stateless",
  "kubeflow/ml-pipeline-ui": "stateless",
  "kubeflow/model-registry-ui": "stateless",
  // Every pod of a tenant waits for it: a webhook that refuses when nobody answers.
  "kubeflow/admission-webhook-deployment": "stateless",
  // --leader-elect among their arguments.
  "kubeflow/pvcviewer-controller-manager": "leader",
  "kubeflow/kserve-controller-manager": "leader",
  "kubeflow/llmisvc-controller-manager": "leader",
  // --leader-election=true.
  "kubeflow/spark-operator-controller": "leader",
  "kubeflow/spark-operator-webhook": "leader",
  // leaderElection.leaderElect in their configuration files.
  "kubeflow-system/jobset-controller-manager": "leader",
  "kubeflow-system/kubeflow-trainer-controller-manager": "leader",
  // Argo elects one by LEADER_ELECTION_IDENTITY, which upstream sets (argo-workflows, high availability).
  "kubeflow/workflow-controller": "leader",
};

/** What a container without requests asks for; the memory is its limit, too, and there is no limit of CPU. */
export interface Need {
  readonly cpu: string;
  /** Request. */
  readonly memory: string;
  /** Limit of memory. */
  readonly memoryLimit: string;
}

const controller: Need = { cpu: "10m", memory: "64Mi", memoryLimit: "512Mi" };
const proxy: Need = { cpu: "5m", memory: "32Mi", memoryLimit: "128Mi" };
const webApplication: Need = { cpu: "10m", memory: "96Mi", memoryLimit: "384Mi" };

/**
 * For the containers that upstream gives no requests, by namespace, workload and container. Estimates by what kind of
 * program it is, not measured on a live platform: without any, the first node that runs out of memory evicts these first.
 */
export const needs: Readonly<Record<string, Need>> = {
  "cert-manager/cert-manager/cert-manager-controller": controller,
  // Both hold every Secret and CRD of the cluster in memory.
  "cert-manager/cert-manager-cainjector/cert-manager-cainjector": { cpu: "10m", memory: "128Mi", memoryLimit: "768Mi" },
  "cert-manager/cert-manager-webhook/cert-manager-webhook": proxy,
  "oauth2-proxy/oauth2-proxy/oauth2-proxy": proxy,
  "auth/dex/dex": controller,
  "kubeflow/cache-server/server": controller,
  "kubeflow/kubeflow-pipelines-profile-controller/profile-controller": controller,
  "kubeflow/metadata-envoy-deployment/container": proxy,
  "kubeflow/metadata-grpc-deployment/container": controller,
  "kubeflow/metadata-writer/main": webApplication,
  "kubeflow/ml-pipeline-scheduledworkflow/ml-pipeline-scheduledworkflow": controller,
  "kubeflow/ml-pipeline-viewer-crd/ml-pipeline-viewer-crd": controller,
  "kubeflow/katib-controller/katib-controller": controller,
  "kubeflow/katib-db-manager/katib-db-manager": controller,
  // What the pipelines' MySQL asks for is what MySQL 8 needs to start.
  "kubeflow/katib-mysql/katib-mysql": { cpu: "100m", memory: "800Mi", memoryLimit: "2048Mi" },
  "kubeflow/katib-ui/katib-ui": controller,
  "kubeflow/centraldashboard/centraldashboard": { cpu: "10m", memory: "128Mi", memoryLimit: "512Mi" },
  "kubeflow/admission-webhook-deployment/admission-webhook": proxy,
  "kubeflow/jupyter-web-app-deployment/jupyter-web-app": webApplication,
  "kubeflow/notebook-controller-deployment/manager": controller,
  "kubeflow/profiles-deployment/kfam": controller,
  "kubeflow/profiles-deployment/manager": controller,
  "kubeflow/volumes-web-app-deployment/volumes-web-app": webApplication,
  "kubeflow/tensorboards-web-app-deployment/tensorboards-web-app": webApplication,
  "kubeflow/kserve-models-web-app/kserve-models-web-app": webApplication,
  "kubeflow/kserve-controller-manager/kube-rbac-proxy": proxy,
  "kubeflow/spark-operator-controller/spark-operator-controller": {
    cpu: "50m",
    memory: "128Mi",
    memoryLimit: "1024Mi",
  },
  "kubeflow/spark-operator-webhook/spark-operator-webhook": controller,
  "kubeflow-system/kubeflow-trainer-controller-manager/manager": controller,
  "kubeflow/model-registry-deployment/rest-container": controller,
  "kubeflow/model-registry-db/db-container": { cpu: "100m", memory: "800Mi", memoryLimit: "2048Mi" },
};
