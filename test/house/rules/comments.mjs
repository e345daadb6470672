/** ESLint rule `house/disable-reason`: whoever switches a rule off says why, after ` -- `, in the same comment. */
export const disableReason = {
  meta: { type: 'problem', schema: [], docs: { description: 'eslint-disable needs a reason and names its rules' } },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const directive = /^\s*eslint-disable(?:-next-line|-line)?(?=\s|$)(?<rest>[^]*)/.exec(comment.value);
          if (!directive) continue;
          const [rules, reason] = directive.groups.rest.split(/\s--\s/);
          if (!rules.trim())
            context.report({
              loc: comment.loc,
              message: 'name the rules that are switched off; all of them is too many',
            });
          if (!reason || reason.trim().length < 10)
            context.report({ loc: comment.loc, message: 'say why: eslint-disable-next-line <rule> -- <reason>' });
        }
      },
    };
  },
};
