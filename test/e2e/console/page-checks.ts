import type { Page } from 'playwright-core';

/** More than any screen has; who does not come round within them is caught. */
const MOST_TABS = 250;

/**
 * Where a name with a right-to-left override turns round what is not part of it: the text after it up to the end of the
 * nearest element that isolates directions.
 */
export function namesThatReachOut(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      if (!node.data.includes('\\u202e') || node.parentElement.closest('script, style, option, textarea')) continue;
      let around = node.parentElement;
      const joins = ({ display, unicodeBidi }) => /^(inline|contents)$/.test(display) && !/isolate|plaintext/.test(unicodeBidi);
      while (around !== document.body && joins(getComputedStyle(around))) around = around.parentElement;
      const range = document.createRange();
      range.setStart(node, node.data.lastIndexOf('\\u202e'));
      range.setEndAfter(around.lastChild);
      const rest = range.toString().replace(/^\\u202e(gnp\\.exe)? ?(🛶)? ?x*…?/u, '');
      if (rest.trim() !== '') found.push(around.tagName.toLowerCase() + '.' + around.className + ': … ' + rest.slice(0, 60));
    }
    if (document.querySelector('img[src=x]')) found.push('markup of a name became an element');
    return [...new Set(found)];
  })()`);
}

/** What reaches out of the window sideways, outermost first; what scrolls by itself may hold more than it shows. */
export function reachingOut(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const scrolls = (one) => one !== document.body && one !== document.documentElement
      && (/auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement ?? document.body));
    const out = [...document.querySelectorAll('body *')]
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one.parentElement));
    return out.slice(-3).map((one) => one.parentElement.className + ' > ' + one.outerHTML.slice(0, 160));
  })()`);
}

/** Elements that show a hand under the pointer, and that no key reaches: neither they nor what they belong to or hold. */
export function mouseOnly(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const reached = 'a[href], button, input, select, textarea, summary, label, [tabindex], [role=option], canvas';
    return [...document.querySelectorAll('body *')]
      .filter((one) => getComputedStyle(one).cursor === 'pointer' && !one.closest(reached) && !one.querySelector(reached))
      .map((one) => one.outerHTML.slice(0, 120));
  })()`);
}

/**
 * Goes through the page by Tab, once round.
 *
 * @returns what a person without a mouse would stumble on: no way out, a place that cannot be seen, that has no mark of being
 *   focused or no name, and controls that are there but never reached
 */
export async function walkByTab(page: Page): Promise<string[]> {
  await page.evaluate(START);
  for (let i = 0; i < MOST_TABS; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate<boolean>('window.__walk.step()')) return page.evaluate<string[]>('window.__walk.end()');
  }
  return [
    `after ${MOST_TABS} Tabs not round yet: ${await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 120)')}`,
  ];
}

const START = `(() => {
  const seen = new Set();
  const faults = [];
  const tell = (what, one) => faults.push(what + ': ' + one.outerHTML.slice(0, 140));
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const looks = (one) => {
    const around = [one, one.parentElement, ...(one.labels ?? []), one.nextElementSibling, one.querySelector('rect')].filter(Boolean);
    return around.map((each) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor, stroke } = getComputedStyle(each);
      return [outlineStyle === 'none' ? '' : outlineWidth + outlineColor, boxShadow, borderColor, backgroundColor, stroke].join();
    }).join('|');
  };
  const inside = document.querySelector('[role=dialog], [role=alertdialog]') ?? document.body;
  const wanted = [...inside.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((one) => shown(one) && !one.disabled && one.tabIndex >= 0 && !one.closest('[inert]') && !one.hasAttribute('data-base-ui-focus-guard'));
  // the walk before this one has focused something; so has a dialog, which would fetch the focus back
  const was = document.activeElement;
  if (inside === document.body) was?.blur?.();
  const before = new Map(wanted.map((one) => [one, looks(one)]));
  const isOnTop = (one) => {
    const box = one.getBoundingClientRect();
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    if (right <= left || bottom <= top) return false;
    // not wholly hidden is what is asked for: any of these points is enough
    return [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].some(([x, y]) => {
      const at = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
      return at && (one.contains(at) || at.contains(one) || [...(one.labels ?? [])].some((label) => label.contains(at)));
    });
  };
  const check = (one) => {
    if (!isOnTop(one)) tell('focused, but not to be seen', one);
    if (before.has(one) && before.get(one) === looks(one)) tell('no mark of being focused', one);
  };
  let first;
  let last;
  if (inside === document.body) {
    // as if the page had just been opened: Tab goes on from where the focus was last
    const start = document.createElement('i');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
  } else {
    // how it looks without the focus is not known
    before.delete(was);
    seen.add((first = last = was));
  }
  window.__walk = {
    step: () => {
      const one = document.activeElement;
      if (one === document.body || (one === first && one !== last)) return seen.size > 0;
      // it passes the focus on in a moment; a second Tab before that, which no hand is quick enough for, would get out
      if (one.hasAttribute('data-base-ui-focus-guard')) {
        return new Promise((done) => setTimeout(() => done(document.activeElement !== one && window.__walk.step()), 60));
      }
      first ??= one;
      // the parts of a date are one element; what is alone in its dialog is focused again and again
      if (one === last) return one === first && one.type !== 'date';
      last = one;
      if (seen.has(one)) return true;
      seen.add(one);
      if (one.type === 'radio' && one.name) for (const each of document.getElementsByName(one.name)) seen.add(each);
      check(one);
      return false;
    },
    end: () => {
      wanted.filter((one) => one.isConnected && !seen.has(one)).forEach((one) => tell('never reached', one));
      scrollTo(0, 0);
      return faults;
    },
  };
})()`;
