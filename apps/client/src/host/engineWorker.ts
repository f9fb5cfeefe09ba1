/** The module worker of a page: the engine with the tensor library, away from the thread that draws. */
import { exposeEngine } from './exposeEngine.ts';
import { pageTensorHost } from './pageTensorHost.ts';

exposeEngine(pageTensorHost());
