"""Shows outputs with content types and contents that no notebook has."""
# %% square
from IPython.display import display

display({"text/html": "<script>1</script>", "<script>": "x", "": "", "image/png": "no picture",
         "application/vnd.jupyter.widget-view+json": {"model_id": 1}, "text/plain": ["a", 1, None]}, raw=True)
display({1: 2, None: object(), "text/plain": b"bytes"}, raw=True)

class Shown:
    def _repr_mimebundle_(self, **_):
        return {"text/html": 3, 4: 5}
    def _repr_html_(self):
        raise SystemExit

display(Shown())
carried_out()

def square(x):
    return 0
