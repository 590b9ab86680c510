// Every page works without this file. Here: focus on an error summary, one submission per press, copying a link.
(function () {
  'use strict';
  document.documentElement.classList.add('js');
  var summary = document.querySelector('[data-focus]');
  if (summary) summary.focus();

  // A summary's link leads to the control itself; opening what hides it comes first.
  document.addEventListener('click', function (event) {
    var link = event.target.closest ? event.target.closest('.errors a') : null;
    var field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    var folded = field.closest('details');
    if (folded) folded.open = true;
    event.preventDefault();
    field.focus();
  });

  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.hasAttribute('data-report')) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    var button = event.submitter || form.querySelector('[type=submit]');
    if (button) button.setAttribute('aria-disabled', 'true');
  });
  // Coming back with the browser's back key finds a form that can be sent again.
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-sent]').forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll('[aria-disabled]').forEach(function (button) { button.removeAttribute('aria-disabled'); });
    });
  });

  document.querySelectorAll('[data-copy]').forEach(function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () { button.textContent = button.dataset.done; });
    });
  });
})();
