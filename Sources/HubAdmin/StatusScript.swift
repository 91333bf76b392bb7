/// The page's only script: fetches the page again every two seconds and changes what differs, node by node, so that
/// nothing jumps, and selection, focus and scrolling stay. The server writes every word; the script makes no markup.
enum StatusScript {
  static let source = HTML(
    literal: """

      (() => {
        'use strict';
        const everyMilliseconds = 2000, lost = document.getElementById('lost');
        const patch = (old, now) => {
          if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName) {
            old.replaceWith(document.importNode(now, true));
            return;
          }
          if (old.nodeType !== Node.ELEMENT_NODE) {
            if (old.data !== now.data) old.data = now.data;
            return;
          }
          for (const {name} of [...old.attributes]) if (!now.hasAttribute(name)) old.removeAttribute(name);
          for (const {name, value} of now.attributes) {
            if (old.getAttribute(name) !== value) old.setAttribute(name, value);
          }
          const before = [...old.childNodes], after = [...now.childNodes];
          after.forEach((child, i) => {
            if (i < before.length) patch(before[i], child); else old.append(document.importNode(child, true));
          });
          before.slice(after.length).forEach(child => child.remove());
        };
        const clock = () => new Date().toLocaleTimeString('vi-VN', {hour12: false});
        const say = text => { if (lost.textContent !== text) lost.textContent = text; };
        let failedAt = '';
        const refresh = async () => {
          try {
            const answer = await fetch(location.href, {cache: 'no-store', signal: AbortSignal.timeout(5000)});
            // The session is over: the page that comes instead says how to sign in.
            if (answer.status === 403) return location.reload();
            if (!answer.ok) throw new Error(String(answer.status));
            // Only what changes: the style of another answer would break this one's policy.
            const text = await answer.text(), end = text.indexOf('</main>');
            const part = text.slice(text.indexOf('<main '), end + 7);
            const next = new DOMParser().parseFromString(part, 'text/html');
            const live = next.getElementById('live');
            if (!live) throw new Error('no page');
            patch(document.getElementById('live'), live);
            failedAt = '';
            say('');
          } catch {
            failedAt ||= clock();
            say('Mất kết nối với hub từ ' + failedAt + ' · Connection lost');
          }
        };
        const round = async () => {
          if (!document.hidden) await refresh();
          setTimeout(round, everyMilliseconds);
        };
        document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
        setTimeout(round, everyMilliseconds);
      })();

      """)
}
