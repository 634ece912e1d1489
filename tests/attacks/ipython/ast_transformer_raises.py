"""Makes the transformation of every later cell fail, the given ones too."""
# honest: square
# %% start
import ast

class Boom(ast.NodeTransformer):
    def visit(self, node):
        raise ast.InputRejected if hasattr(ast, "InputRejected") else SystemExit

get_ipython().ast_transformers.append(Boom())
carried_out()
# %% square
def square(x):
    return x * x
