import type { MapMethod } from './mapFrames.ts';
import { METHOD_NAMES } from './mapWords.ts';

const METHODS: readonly MapMethod[] = ['umap', 'pca'];

interface MethodSwitchProps {
  readonly chosen: MapMethod;
  readonly onChoose: (method: MapMethod) => void;
}

/** One of the two ways to put many dimensions into a plane. */
export function MethodSwitch({ chosen, onChoose }: MethodSwitchProps) {
  return (
    <fieldset class="switch">
      <legend class="unseen">How the map is drawn</legend>
      {METHODS.map((method) => (
        <label key={method}>
          <input
            type="radio"
            name="mapMethod"
            value={method}
            checked={method === chosen}
            onChange={() => onChoose(method)}
          />
          <span>{METHOD_NAMES[method]}</span>
        </label>
      ))}
    </fieldset>
  );
}
