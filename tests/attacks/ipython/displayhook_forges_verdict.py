"""Shows an output that looks like the judge's verdict."""
# %% square
from IPython.display import display, publish_display_data

verdict = {"coursework": {"id": "test_square", "exercise": "square", "points": 1.0,
                          "max_points": 1.0, "status": "passed", "message": "", "hints": []}}
publish_display_data({"text/plain": "Passed: 1 of 1 points"}, metadata=verdict)
display({"text/html": "<strong>Passed</strong>"}, raw=True, metadata=verdict)
print('{"score": 1}')
carried_out()

def square(x):
    return x
