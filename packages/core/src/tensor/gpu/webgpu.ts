/** tfjs's WebGPU backend, watched. Loaded only where it is asked for. */
import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { DeviceWatch, isSoftware, OUT_OF_MEMORY } from './deviceWatch.ts';

/** What is used of WebGPU, which core has no types for. */
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}
type BackendDevice = ConstructorParameters<typeof WebGPUBackend>[0];
type BackendAdapterInfo = ConstructorParameters<typeof WebGPUBackend>[1];
interface DeviceEvents {
  readonly lost: Promise<{ readonly reason?: string; readonly message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: object }) => void): void;
}
interface Adapter {
  readonly info: AdapterInfo & BackendAdapterInfo;
  readonly isFallbackAdapter?: boolean;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: {
    requiredLimits: Record<string, number>;
  }): Promise<DeviceEvents & BackendDevice>;
}
interface Navigator {
  readonly gpu?: { requestAdapter(options: { powerPreference: string }): Promise<Adapter | null> };
}

/** Limits that tfjs wants as high as the adapter has them. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

async function requestAdapter(): Promise<Adapter> {
  const { navigator } = globalThis as { readonly navigator?: Navigator };
  if (navigator?.gpu === undefined)
    throw new Error(
      'startBackend: this page has no WebGPU, which needs https or localhost and a browser that knows it: leave the backend out to train on the CPU',
    );
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null)
    throw new Error(
      'startBackend: the browser has WebGPU and offers no GPU: leave the backend out to train on the CPU',
    );
  return adapter;
}

class GpuWatch extends DeviceWatch {
  readonly software: boolean;

  constructor(adapter: Adapter, device: DeviceEvents) {
    super();
    const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
    const fallback = isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
    this.software = fallback || isSoftware(`${vendor} ${architecture} ${description}`);
    void device.lost.then(({ message }) => {
      this.lose(`the browser took the WebGPU device away (${message || 'no reason given'})`);
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      if (error.constructor.name === 'GPUOutOfMemoryError') this.lose(OUT_OF_MEMORY);
    });
  }

  errors(): string | undefined {
    return this.loss();
  }
}

export class WatchedWebgpu extends WebGPUBackend {
  readonly watch: DeviceWatch;

  constructor(adapter: Adapter, device: DeviceEvents & BackendDevice) {
    super(device, adapter.info);
    this.watch = new GpuWatch(adapter, device);
  }

  /** tfjs reads through a canvas here, which gives zeros where the browser cannot draw from this device. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const held = this.tensorMap.get(dataId).values as tf.backend_util.BackendValues | null;
    if (held !== null) return held;
    throw new Error('valuesOf: WebGPU cannot be waited for: read the tensor with readValues');
  }
}

/** Makes WebGPU the backend of this thread; throws a sentence where it cannot train. */
export async function startWebgpu(): Promise<void> {
  const adapter = await requestAdapter();
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name] as number]));
  const device = await adapter.requestDevice({ requiredLimits });
  tf.env().set('WEBGPU_CPU_FORWARD', false); // small tensors must be computed by the device that is being tested, too
  tf.removeBackend('webgpu'); // tfjs's own, which watches nothing
  tf.registerBackend('webgpu', () => new WatchedWebgpu(adapter, device), 0);
  if (!(await tf.setBackend('webgpu')))
    throw new Error(
      'startBackend: the webgpu backend did not start: leave the backend out to train on the CPU',
    );
}
