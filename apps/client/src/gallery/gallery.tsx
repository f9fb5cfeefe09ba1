/** Draws one scene, named by the fragment of the address; without one, the list of scenes. */
import { render } from 'preact';
import '../operator/operator.css';
import '../views/theme.css';
import '../volunteer/volunteer.css';
import { SCENES } from './scenes.tsx';

const Index = () => (
  <ul class="page">
    {[...SCENES.keys()].map((name) => (
      <li key={name}>
        <a href={`#${name}`}>{name}</a>
      </li>
    ))}
  </ul>
);

const draw = (root: HTMLElement): void => {
  const scene = SCENES.get(location.hash.slice(1));
  render(scene?.() ?? <Index />, root);
};

const root = document.getElementById('app');
if (root === null) throw new Error('gallery.tsx: index.html has no element with the id "app".');
addEventListener('hashchange', () => location.reload());
draw(root);
