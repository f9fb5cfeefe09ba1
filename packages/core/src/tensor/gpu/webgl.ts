/** tfjs's WebGL backend, watched. Loaded only where it is asked for. */
import * as tf from '@tensorflow/tfjs';
import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { DeviceWatch, isSoftware, OUT_OF_MEMORY } from './deviceWatch.ts';

/** What is used of `WebGL2RenderingContext`, which core has no types for. */
interface Context {
  readonly canvas: { addEventListener(type: 'webglcontextlost', listener: () => void): void };
  readonly RENDERER: number;
  readonly OUT_OF_MEMORY: number;
  readonly NO_ERROR: number;
  readonly CONTEXT_LOST_WEBGL: number;
  getExtension(name: 'WEBGL_debug_renderer_info'): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
  getError(): number;
  isContextLost(): boolean;
}

const LOST = 'the browser took the WebGL context away';

function rendererOf(context: Context): string {
  const info = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
}

class ContextWatch extends DeviceWatch {
  readonly software: boolean;
  private readonly context: Context;

  constructor(context: Context) {
    super();
    this.context = context;
    this.software = isSoftware(rendererOf(context));
    context.canvas.addEventListener('webglcontextlost', () => this.lose(LOST));
  }

  override loss(): string | undefined {
    if (this.context.isContextLost()) this.lose(LOST); // the event comes later
    return super.loss();
  }

  errors(): string | undefined {
    const { context } = this;
    for (let code = context.getError(); code !== context.NO_ERROR; code = context.getError()) {
      if (code === context.OUT_OF_MEMORY) this.lose(OUT_OF_MEMORY);
      if (code === context.CONTEXT_LOST_WEBGL) this.lose(LOST);
      if (context.isContextLost()) break;
    }
    return this.loss();
  }
}

export class WatchedWebgl extends MathBackendWebGL {
  readonly watch: DeviceWatch = new ContextWatch(this.gpgpu.gl as Context);
}

/** Makes WebGL the backend of this thread; throws a sentence where it cannot train. */
export async function startWebgl(): Promise<void> {
  const env = tf.env();
  env.set('SOFTWARE_WEBGL_ENABLED', true); // whoever chooses the backend judges software by its speed
  env.set('WEBGL_CPU_FORWARD', false); // small tensors must be computed by the device that is being tested, too
  if (env.getNumber('WEBGL_VERSION') !== 2)
    throw new Error('startBackend: this thread has no WebGL 2: leave the backend out to train on the CPU');
  if (!env.getBool('WEBGL_RENDER_FLOAT32_ENABLED'))
    throw new Error(
      'startBackend: this GPU computes with 16-bit floats only under WebGL, too coarse to train: leave the backend out to train on the CPU',
    );
  tf.removeBackend('webgl'); // tfjs's own, which watches nothing
  tf.registerBackend('webgl', () => new WatchedWebgl(), 0);
  if (!(await tf.setBackend('webgl')))
    throw new Error(
      'startBackend: the webgl backend did not start: leave the backend out to train on the CPU',
    );
}
