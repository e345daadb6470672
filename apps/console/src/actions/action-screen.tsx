import { useParams } from 'wouter';
import { Card } from '../ui/page';
import { LinkButton } from '../ui/button';
import { ActionDetail } from './action-detail';

/** One action on a page of its own, for whoever was sent its address. */
export default function ActionScreen() {
  const { id = '' } = useParams();
  return (
    <>
      <span>
        <LinkButton to="/actions" look="quiet">
          All actions
        </LinkButton>
      </span>
      <Card padded>
        <ActionDetail id={id} titled />
      </Card>
    </>
  );
}
